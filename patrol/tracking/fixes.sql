Storing fixes. Parameters are psycopg's; those that are columns are arrays (see columns.py).

-- lock_positions
-- Whoever changes positions holds this lock from before the reading to the commit, so that numbers
-- from positions_seq appear in their order.
SELECT pg_advisory_xact_lock(hashtext('positions'));

-- read_positions
-- And the grid edition in force. Unknown numbers come as NaN, no grid as 0, no call for help as NaT.
SELECT
    (SELECT id FROM grid_editions WHERE state = 'active'),
    array_agg(unit_id), array_agg(at), array_agg(lon), array_agg(lat),
    array_agg(coalesce(accuracy_m, 'NaN')), array_agg(coalesce(speed_mps, 'NaN')),
    array_agg(coalesce(heading_deg, 'NaN')), array_agg(coalesce(altitude_m, 'NaN')),
    array_agg(coalesce(battery_pct, 'NaN')), array_agg(coalesce(grid_id, 0)),
    array_agg(moved_at), array_agg(coalesce(sos_at, '-infinity'))
FROM positions
WHERE unit_id = ANY(%(unit_id)s);

-- copy_fixes
COPY fixes (
    unit_id, at, lon, lat, accuracy_m, speed_mps, heading_deg, altitude_m, battery_pct, grid_id
) FROM STDIN (FORMAT binary);

-- insert_fixes
-- The same rows as copy_fixes, when they are few.
INSERT INTO fixes (
    unit_id, at, lon, lat, accuracy_m, speed_mps, heading_deg, altitude_m, battery_pct, grid_id
)
SELECT * FROM unnest(
    %(unit_id)s, %(at)s, %(lon)s, %(lat)s, %(accuracy_m)s, %(speed_mps)s, %(heading_deg)s,
    %(altitude_m)s, %(battery_pct)s, %(grid_id)s
);

-- insert_missing_fixes
-- For fixes that may be stored already; gives the keys of those that were not.
WITH inserted AS (
    INSERT INTO fixes (
        unit_id, at, lon, lat, accuracy_m, speed_mps, heading_deg, altitude_m, battery_pct, grid_id
    )
    SELECT * FROM unnest(
        %(unit_id)s, %(at)s, %(lon)s, %(lat)s, %(accuracy_m)s, %(speed_mps)s, %(heading_deg)s,
        %(altitude_m)s, %(battery_pct)s, %(grid_id)s
    )
    ON CONFLICT DO NOTHING
    RETURNING unit_id, at
)
SELECT array_agg(unit_id), array_agg(at) FROM inserted;

-- read_movement
-- What tells when each unit was last seen moving, in the order of (unit_id, at). The inner ORDER BY also
-- keeps the planner at one look into the key for each unit.
SELECT
    array_agg(unit_id), array_agg(at), array_agg(lon), array_agg(lat), array_agg(speed_mps)
FROM (
    SELECT recent.*
    FROM unnest(%(unit_id)s, %(since)s) AS wanted (unit_id, since)
    CROSS JOIN LATERAL (
        SELECT fixes.unit_id, at, lon, lat, coalesce(speed_mps, 'NaN') AS speed_mps
        FROM fixes
        WHERE fixes.unit_id = wanted.unit_id AND fixes.at >= wanted.since
        ORDER BY at
    ) AS recent
    ORDER BY unit_id, at
) AS movement;

-- upsert_positions
-- One number for all that changes together, and one wake-up for whoever listens.
WITH changed AS (
    INSERT INTO positions (
        unit_id, at, lon, lat, accuracy_m, speed_mps, heading_deg, altitude_m, battery_pct, grid_id,
        moved_at, sos_at, seq
    )
    SELECT *, (SELECT nextval('positions_seq')) FROM unnest(
        %(unit_id)s, %(at)s, %(lon)s, %(lat)s, %(accuracy_m)s, %(speed_mps)s, %(heading_deg)s,
        %(altitude_m)s, %(battery_pct)s, %(grid_id)s, %(moved_at)s, %(sos_at)s
    )
    ON CONFLICT (unit_id) DO UPDATE SET
        at = excluded.at, lon = excluded.lon, lat = excluded.lat,
        accuracy_m = excluded.accuracy_m, speed_mps = excluded.speed_mps,
        heading_deg = excluded.heading_deg, altitude_m = excluded.altitude_m,
        battery_pct = excluded.battery_pct, grid_id = excluded.grid_id,
        moved_at = excluded.moved_at, sos_at = excluded.sos_at,
        seq = excluded.seq, received_at = excluded.received_at
    RETURNING seq
)
SELECT pg_notify('positions', max(seq)::text) FROM changed;

-- quarantine
INSERT INTO quarantined_fixes (unit, reason, message, payload)
SELECT * FROM unnest(
    %(unit)s::text[], %(reason)s::text[], %(message)s::text[], %(payload)s::jsonb[]
);
