Whom alerts are told to. Parameters are SQLAlchemy's.

-- last_number
SELECT max(seq) FROM alerts;
