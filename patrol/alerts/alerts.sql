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

-- end_calls
-- Calls for help whose last fix is long enough ago.
UPDATE alerts SET
    ended_at = last_at + make_interval(secs => %(within_s)s), seq = nextval('positions_seq')
WHERE kind = 'sos' AND ended_at IS NULL AND last_at <= %(now)s - make_interval(secs => %(within_s)s);

-- calls_over
SELECT EXISTS (
    SELECT FROM alerts
    WHERE kind = 'sos' AND ended_at IS NULL
        AND last_at <= %(now)s - make_interval(secs => %(within_s)s)
) AS any;

-- heard
-- Of each unit, what silence is judged by: its last duty session, its latest fix and the open alert of its
-- silence. A unit that is always on duty but has never reported has no device yet.
SELECT
    units.id AS unit_id,
    CASE
        WHEN units.always_on_duty THEN positions.at
        WHEN duty.under_way THEN duty.began_at
    END AS on_duty_since,
    CASE WHEN NOT units.always_on_duty AND NOT duty.under_way THEN duty.ended_at END AS off_duty_at,
    positions.at, positions.lon, positions.lat, positions.interval_s,
    silent.id AS alert_id, silent.begun_at AS silent_since
FROM units
LEFT JOIN LATERAL duty_at(units.id, %(now)s) AS duty ON true
LEFT JOIN positions ON positions.unit_id = units.id
LEFT JOIN alerts AS silent
    ON silent.unit_id = units.id AND silent.kind = 'silent' AND silent.ended_at IS NULL
WHERE units.always_on_duty OR duty.began_at IS NOT NULL OR silent.id IS NOT NULL;

-- lock_watch
-- One watch at a time: another process finds what this one did.
SELECT pg_advisory_xact_lock(hashtext('alerts watch'));

-- changed_units
SELECT unit_id, seq FROM positions WHERE seq > %(after)s ORDER BY seq;

-- watched_units
-- How far each unit was watched, and what of that came late.
SELECT
    units.id AS unit_id, units.grid_code, units.role, units.always_on_duty,
    watches.watched_at, watches.shift_began_at, watches.memory::text AS memory,
    late.since AS late_since, late.until AS late_until, late.ids AS late_ids
FROM units
LEFT JOIN watches ON watches.unit_id = units.id
LEFT JOIN LATERAL (
    SELECT min(since) AS since, max(until) AS until, array_agg(id) AS ids
    FROM late_fixes WHERE late_fixes.unit_id = units.id
) AS late ON true
WHERE units.id = ANY(%(unit_id)s::bigint[]);

-- sessions_since
SELECT duty_sessions.unit_id, began_at, ended_at
FROM unnest(%(unit_id)s::bigint[], %(since)s::timestamptz[]) AS wanted (unit_id, since)
JOIN duty_sessions ON duty_sessions.unit_id = wanted.unit_id
    AND (ended_at IS NULL OR ended_at > wanted.since)
ORDER BY duty_sessions.unit_id, began_at;

-- fixes_within
-- The fixes of each unit from `since` to before `until`, as columns in the order of (unit_id, at). The inner
-- ORDER BY also keeps the planner at one look into the key for each window.
SELECT
    array_agg(unit_id), array_agg(at), array_agg(lon), array_agg(lat), array_agg(accuracy_m),
    array_agg(battery_pct)
FROM (
    SELECT recent.*
    FROM unnest(%(unit_id)s, %(since)s, %(until)s) AS wanted (unit_id, since, until)
    CROSS JOIN LATERAL (
        SELECT
            fixes.unit_id, at, lon, lat, coalesce(accuracy_m, 'NaN') AS accuracy_m,
            coalesce(battery_pct, 'NaN') AS battery_pct
        FROM fixes
        WHERE fixes.unit_id = wanted.unit_id AND at >= wanted.since AND at < wanted.until
        ORDER BY at
    ) AS recent
    ORDER BY unit_id, at
) AS fixes;

-- areas_for_watching
SELECT id, grid_code, roles, ST_AsBinary(geom) AS geom, valid_from, valid_to FROM areas;

-- active_edition
SELECT id FROM grid_editions WHERE state = 'active';

-- save_watches
INSERT INTO watches (unit_id, watched_at, shift_began_at, memory)
SELECT unit_id, watched_at, shift_began_at, memory::jsonb
FROM unnest(
    %(unit_id)s::bigint[], %(watched_at)s::timestamptz[], %(shift_began_at)s::timestamptz[],
    %(memory)s::text[]
) AS watched (unit_id, watched_at, shift_began_at, memory)
ON CONFLICT (unit_id) DO UPDATE SET
    watched_at = excluded.watched_at, shift_began_at = excluded.shift_began_at,
    memory = excluded.memory;

-- forget_late
DELETE FROM late_fixes WHERE id = ANY(%(id)s::bigint[]);
