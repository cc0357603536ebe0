Tickets of other systems. Parameters are SQLAlchemy's.

-- lock_tickets
-- In the order of the keys, so that no two wait for each other.
SELECT pg_advisory_xact_lock(hashtextextended(key, 0)) FROM unnest(CAST(:keys AS text[])) AS key;
