What is stored for longer than it is kept. Parameters are SQLAlchemy's.

-- try_lock
-- One process at a time, until the transaction ends.
SELECT pg_try_advisory_xact_lock(hashtext('wangge retention'));

-- days
-- The days (UTC) that have a partition.
SELECT to_date(right(relname, 8), 'YYYYMMDD')
FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = 'fixes'::regclass;

-- count_fixes
-- How many each unit has.
SELECT unit_id, count(*) AS fixes FROM fixes WHERE at >= :since AND at < :until
GROUP BY unit_id ORDER BY unit_id;

-- limit_waiting
-- Dropping waits for whoever reads fixes, and whoever comes after waits behind it: not for long.
SET LOCAL lock_timeout = '5s';

-- drop_day
SELECT drop_fixes_partition(:day);
