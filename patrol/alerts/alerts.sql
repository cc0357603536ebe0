Alerts as they are written. Parameters are psycopg's.

-- lock_positions
-- Alerts are numbered together with positions, so that one number says what a viewer has seen of both; see
-- fixes.sql. Whoever writes alerts holds this lock from before the number is drawn to the commit.
SELECT pg_advisory_xact_lock(hashtext('positions'));

-- stored_alerts
-- Those of some units and kinds that are about any time from `since` to `until`.
SELECT
    alerts.id, alerts.unit_id, kind, area_id, begun_at, last_at, ended_at, lon, lat,
    acknowledged_at IS NOT NULL OR case_id IS NOT NULL AS acted_on, withdrawn
FROM unnest(%(unit_id)s::bigint[], %(since)s::timestamptz[], %(until)s::timestamptz[])
    AS wanted (unit_id, since, until)
JOIN alerts ON alerts.unit_id = wanted.unit_id
    AND begun_at <= wanted.until AND (ended_at IS NULL OR ended_at >= wanted.since)
WHERE kind = ANY(%(kinds)s::text[])
ORDER BY alerts.unit_id, begun_at, alerts.id
FOR UPDATE OF alerts;

-- withdraw_alerts
UPDATE alerts SET
    withdrawn = true, ended_at = coalesce(ended_at, greatest(begun_at, last_at)),
    seq = nextval('positions_seq')
WHERE id = ANY(%(id)s::bigint[]);

-- amend_alerts
UPDATE alerts SET
    begun_at = amended.begun_at, last_at = amended.last_at, ended_at = amended.ended_at,
    lon = amended.lon, lat = amended.lat, withdrawn = false, seq = nextval('positions_seq')
FROM unnest(
    %(id)s::bigint[], %(unit_id)s::bigint[], %(begun_at)s::timestamptz[], %(last_at)s::timestamptz[],
    %(ended_at)s::timestamptz[], %(lon)s::float8[], %(lat)s::float8[]
) AS amended (id, unit_id, begun_at, last_at, ended_at, lon, lat)
WHERE alerts.unit_id = amended.unit_id AND alerts.id = amended.id;

-- begin_alerts
-- `late`: what is told of was over long before anybody could hear of it.
INSERT INTO alerts (
    unit_id, kind, area_id, begun_at, last_at, ended_at, lon, lat, details, late, seq
)
SELECT
    unit_id, kind, area_id, begun_at, last_at, ended_at, lon, lat, details::jsonb,
    coalesce(ended_at, last_at) < %(late_before)s, nextval('positions_seq')
FROM unnest(
    %(unit_id)s::bigint[], %(kind)s::text[], %(area_id)s::bigint[], %(begun_at)s::timestamptz[],
    %(last_at)s::timestamptz[], %(ended_at)s::timestamptz[], %(lon)s::float8[], %(lat)s::float8[],
    %(details)s::text[]
) AS begun (unit_id, kind, area_id, begun_at, last_at, ended_at, lon, lat, details);

-- notify
SELECT pg_notify('positions', '');
