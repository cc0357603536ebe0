The audit. Parameters are SQLAlchemy's.

-- insert_event
-- What makes the chain is added by a trigger.
INSERT INTO audit_events (account_id, actor, role, address, action, subject, reason, details)
VALUES (:account_id, :actor, :role, :address, :action, :subject, :reason, CAST(:details AS jsonb));
