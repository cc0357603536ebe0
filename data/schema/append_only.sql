What is kept as it was written: the chain of the audit, and tables that are only added to.

-- function_audit_hash
-- SHA-256 over the record before and everything in this one. Times as numbers: their text would depend
-- on the session's time zone. `data/audit/audit.sql` works it out again to verify the chain.
CREATE FUNCTION audit_hash(event audit_events) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        event.id, extract(epoch FROM event.at), event.account_id, event.actor, event.role,
        event.address, event.action, event.subject, event.reason, event.details,
        encode(event.previous_hash, 'hex')
    )::text, 'UTF8'))
$$;

-- function_chain_audit_event
-- Appends to the chain. The head's row is locked until the transaction ends, so records stand in the
-- order of their commits and none is missing.
CREATE FUNCTION chain_audit_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    head audit_head;
BEGIN
    SELECT * INTO STRICT head FROM audit_head FOR UPDATE;
    NEW.id := head.last_id + 1;
    NEW.at := clock_timestamp();
    NEW.previous_hash := head.hash;
    NEW.hash := audit_hash(NEW);
    UPDATE audit_head SET last_id = NEW.id, hash = NEW.hash;
    RETURN NEW;
END
$$;

-- trigger_chain_audit_event
CREATE TRIGGER chain_audit_event BEFORE INSERT ON audit_events
FOR EACH ROW EXECUTE FUNCTION chain_audit_event();

-- row_audit_head
INSERT INTO audit_head (last_id, hash) VALUES (0, '');

-- function_refuse_change
-- Against accidents of whoever may do everything; the application has no right to begin with.
CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;

-- trigger_audit_events_append_only
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- trigger_case_events_append_only
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- trigger_roster_substitutions_append_only
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON roster_substitutions
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- trigger_reports_append_only
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON reports
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- function_keep_inspection
-- Before the draw nothing changes but that it is drawn or cancelled, and after that nothing at all.
CREATE FUNCTION keep_inspection() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.drawn_at IS NULL AND OLD.cancelled_at IS NULL
        AND (NEW.terms, NEW.secret, NEW.prepared_at) = (OLD.terms, OLD.secret, OLD.prepared_at)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an inspection is not changed' USING ERRCODE = 'insufficient_privilege';
END
$$;

-- trigger_keep_inspection
CREATE TRIGGER keep_inspection BEFORE UPDATE OR DELETE ON inspections
FOR EACH ROW EXECUTE FUNCTION keep_inspection();
