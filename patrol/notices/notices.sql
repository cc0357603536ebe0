Notices as they are numbered. Parameters are SQLAlchemy's.

-- lock_numbers
-- Held from before the numbers are drawn to the commit: whoever has seen a number has seen all below it.
SELECT pg_advisory_xact_lock(hashtext('notices'));

-- number
-- In a transaction of its own after the one that told them: no case waits for another's notices.
UPDATE notices SET seq = numbered.seq
FROM (
    SELECT id, nextval('notices_seq') AS seq
    FROM (SELECT id FROM notices WHERE seq IS NULL ORDER BY id) AS unnumbered
) AS numbered
WHERE notices.id = numbered.id;
