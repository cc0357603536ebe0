The audit. Parameters are SQLAlchemy's.

-- insert_event
-- What makes the chain is added by a trigger.
INSERT INTO audit_events (account_id, actor, role, address, action, subject, reason, details)
VALUES (:account_id, :actor, :role, :address, :action, :subject, :reason, CAST(:details AS jsonb));

-- insert_look
-- A page that follows the present day reads it again every minute: what repeats a look of the last ten
-- minutes, or reaches no further beyond it than that, is the same look.
INSERT INTO audit_events (account_id, actor, role, address, action, subject, reason, details)
SELECT seen.*
FROM (
    VALUES (
        CAST(:account_id AS bigint), CAST(:actor AS text), CAST(:role AS text), CAST(:address AS text),
        CAST(:action AS text), CAST(:subject AS text), CAST(:reason AS text), CAST(:details AS jsonb)
    )
) AS seen (account_id, actor, role, address, action, subject, reason, details)
WHERE NOT EXISTS (
    SELECT FROM audit_events AS earlier
    WHERE earlier.actor = seen.actor
        AND earlier.account_id = seen.account_id
        AND earlier.action = seen.action
        AND earlier.subject IS NOT DISTINCT FROM seen.subject
        AND earlier.reason IS NOT DISTINCT FROM seen.reason
        AND earlier.at > clock_timestamp() - interval '10 minutes'
        AND earlier.details - 'to' - 'fixes' = seen.details - 'to' - 'fixes'
        AND (earlier.details ->> 'to')::timestamptz + interval '10 minutes'
            >= (seen.details ->> 'to')::timestamptz
);

-- one_moment
-- Everything below is asked of the same moment, however long it takes and whatever is added meanwhile.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;

-- broken_links
-- Of the next records those where something is wrong, and the last in any case. The hash is that of the
-- trigger's function audit_hash, worked out here: whoever may change records may change that function
-- too. A hash of NULL is as wrong as any other.
WITH links AS (
    SELECT
        id, hash, previous_hash,
        lag(id, 1, CAST(:last_id AS bigint)) OVER in_order AS id_before,
        lag(hash, 1, CAST(:last_hash AS bytea)) OVER in_order AS hash_before,
        pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.jsonb_build_array(
            id, extract(epoch FROM at), account_id, actor, role, address, action, subject, reason,
            details, pg_catalog.encode(previous_hash, 'hex')
        )::text, 'UTF8')) AS hash_of_content,
        count(*) OVER () AS records,
        row_number() OVER in_order AS place
    FROM (
        SELECT * FROM public.audit_events WHERE id > :after ORDER BY id LIMIT :count
    ) AS next_events
    WINDOW in_order AS (ORDER BY id)
)
SELECT
    id, coalesce(hash, '') AS hash, id_before, records,
    hash IS DISTINCT FROM hash_of_content AS is_changed,
    previous_hash IS DISTINCT FROM hash_before AS is_unlinked
FROM links
WHERE
    place = records
    OR id <> id_before + 1
    OR hash IS DISTINCT FROM hash_of_content
    OR previous_hash IS DISTINCT FROM hash_before
ORDER BY id;
