Marks of changed days. Parameters are psycopg's.

-- commit_lazily
-- What a crash takes with it is worked out again: its mark comes back with it.
SET LOCAL synchronous_commit = off;

-- lock_positions
-- Whoever stores fixes holds this lock until the commit. Once it is held here, every fix whose mark is there is
-- to be seen, and who comes after finds a mark that is taken, beside which they make one of their own.
SELECT pg_advisory_xact_lock(hashtext('positions'));

-- take_changes
-- The oldest marks first; a day whose mark is being worked off waits for its turn.
UPDATE changed_days SET taken = true
FROM (
    SELECT unit_id, day FROM changed_days AS waiting
    WHERE NOT taken AND changed_at <= %(before)s AND NOT EXISTS (
        SELECT FROM changed_days AS under_way
        WHERE under_way.unit_id = waiting.unit_id AND under_way.day = waiting.day AND under_way.taken
    )
    ORDER BY changed_at
    LIMIT %(most)s
) AS settled
WHERE changed_days.unit_id = settled.unit_id AND changed_days.day = settled.day AND NOT taken;

-- share_facts
-- With everybody who works facts out, and with nobody who drops them.
SELECT pg_try_advisory_xact_lock_shared(hashtext('wangge facts'));

-- own_facts
SELECT pg_advisory_xact_lock(hashtext('wangge facts'));

-- next_change
-- One that nobody else works on.
SELECT unit_id, day FROM changed_days
WHERE taken
ORDER BY changed_at
LIMIT 1
FOR UPDATE SKIP LOCKED;

-- finish_change
DELETE FROM changed_days WHERE unit_id = %(unit_id)s AND day = %(day)s AND taken;

-- put_off
-- To the end of the queue, as it was.
UPDATE changed_days SET changed_at = clock_timestamp()
WHERE unit_id = %(unit_id)s AND day = %(day)s AND taken;

-- mark_days
-- Those of the days on which a unit may have fixes, from `since` to before `until` of each: one look into the
-- key for a unit and day.
INSERT INTO changed_days (unit_id, day)
SELECT units.id, wanted.day
FROM units
CROSS JOIN unnest(%(day)s::date[], %(since)s::timestamptz[], %(until)s::timestamptz[])
    AS wanted (day, since, until)
WHERE EXISTS (
    SELECT FROM fixes WHERE unit_id = units.id AND at >= wanted.since AND at < wanted.until
)
ON CONFLICT DO NOTHING;

-- days_with_fixes
-- The first and the last day (UTC) that has a partition.
SELECT min(day), max(day) FROM (
    SELECT to_date(right(relname, 8), 'YYYYMMDD') AS day
    FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'fixes'::regclass
) AS partitions;

-- count_changes
SELECT count(*) FROM changed_days;
