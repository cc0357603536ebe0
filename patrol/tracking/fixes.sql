Storing fixes. Parameters are psycopg's; those that are columns are arrays (see columns.py).

-- lock_positions
-- Whoever changes positions holds this lock from before the reading to the commit, so that numbers
-- from positions_seq appear in their order.
SELECT pg_advisory_xact_lock(hashtext('positions'));

-- read_positions
-- And the grid edition in force. Unknown numbers come as NaN, no grid as 0, no call for help as NaT, and
-- times that there are not yet as 1970.
SELECT
    (SELECT id FROM grid_editions WHERE state = 'active'),
    array_agg(unit_id), array_agg(at), array_agg(lon), array_agg(lat),
    array_agg(coalesce(accuracy_m, 'NaN')), array_agg(coalesce(speed_mps, 'NaN')),
    array_agg(coalesce(heading_deg, 'NaN')), array_agg(coalesce(altitude_m, 'NaN')),
    array_agg(coalesce(battery_pct, 'NaN')), array_agg(coalesce(grid_id, 0)),
    array_agg(moved_at), array_agg(coalesce(sos_at, '-infinity')),
    array_agg(coalesce(interval_s, 'NaN')),
    array_agg(coalesce(recent_at, array_fill(timestamptz 'epoch', ARRAY[6])))
FROM positions
WHERE unit_id = ANY(%(unit_id)s);

-- read_duty
-- The duty sessions of each unit that may cover a time from `since` to `until`: those that began in between
-- and the last one before. One that is open begins before most of what comes, and is then all there is to
-- read: a look into a small index, however long the history. A unit that is always on duty has one session
-- without beginning and end. So has one that was deleted: the fixes' own table refuses it.
SELECT array_agg(unit_id), array_agg(began_at), array_agg(coalesce(ended_at, '100000-01-01Z'))
FROM (
    SELECT wanted.unit_id, session.began_at, session.ended_at
    FROM unnest(%(unit_id)s, %(since)s, %(until)s) AS wanted (unit_id, since, until)
    LEFT JOIN duty_sessions AS opened ON opened.unit_id = wanted.unit_id
        AND opened.ended_at IS NULL AND opened.began_at <= wanted.since
    CROSS JOIN LATERAL (
        SELECT opened.began_at, opened.ended_at
        WHERE opened.began_at IS NOT NULL
        UNION ALL (
            SELECT began_at, ended_at
            FROM duty_sessions AS earlier
            WHERE opened.began_at IS NULL
                AND earlier.unit_id = wanted.unit_id AND began_at <= wanted.since
            ORDER BY began_at DESC, ended_at DESC
            LIMIT 1
        )
        UNION ALL
        SELECT began_at, ended_at
        FROM duty_sessions AS later
        WHERE opened.began_at IS NULL
            AND later.unit_id = wanted.unit_id
            AND began_at > wanted.since AND began_at <= wanted.until
    ) AS session
    UNION ALL
    SELECT wanted.unit_id, '4000-01-01 BC', NULL
    FROM unnest(%(unit_id)s) AS wanted (unit_id)
    LEFT JOIN units ON units.id = wanted.unit_id
    WHERE coalesce(units.always_on_duty, true)
    ORDER BY unit_id, began_at, ended_at
) AS sessions;

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

-- insert_fixes_with_source
-- For new ones that came in another coordinate system. `source_crs` counts in the order of rows.py.
INSERT INTO fixes (
    unit_id, at, lon, lat, accuracy_m, speed_mps, heading_deg, altitude_m, battery_pct, grid_id,
    source_crs, source_lon, source_lat
)
SELECT
    unit_id, at, lon, lat, accuracy_m, speed_mps, heading_deg, altitude_m, battery_pct, grid_id,
    (ARRAY['gcj02', 'bd09'])[source_crs], source_lon, source_lat
FROM unnest(
    %(unit_id)s, %(at)s, %(lon)s, %(lat)s, %(accuracy_m)s, %(speed_mps)s, %(heading_deg)s,
    %(altitude_m)s, %(battery_pct)s, %(grid_id)s, %(source_crs)s, %(source_lon)s, %(source_lat)s
) AS shifted (
    unit_id, at, lon, lat, accuracy_m, speed_mps, heading_deg, altitude_m, battery_pct, grid_id,
    source_crs, source_lon, source_lat
);

-- insert_missing_fixes
-- For fixes that may be stored already; gives the keys of those that were not. Whatever they came in.
WITH inserted AS (
    INSERT INTO fixes (
        unit_id, at, lon, lat, accuracy_m, speed_mps, heading_deg, altitude_m, battery_pct, grid_id,
        source_crs, source_lon, source_lat
    )
    SELECT
        unit_id, at, lon, lat, accuracy_m, speed_mps, heading_deg, altitude_m, battery_pct, grid_id,
        (ARRAY['gcj02', 'bd09'])[source_crs],
        CASE WHEN source_crs > 0 THEN source_lon END, CASE WHEN source_crs > 0 THEN source_lat END
    FROM unnest(
        %(unit_id)s, %(at)s, %(lon)s, %(lat)s, %(accuracy_m)s, %(speed_mps)s, %(heading_deg)s,
        %(altitude_m)s, %(battery_pct)s, %(grid_id)s, %(source_crs)s, %(source_lon)s, %(source_lat)s
    ) AS late (
        unit_id, at, lon, lat, accuracy_m, speed_mps, heading_deg, altitude_m, battery_pct, grid_id,
        source_crs, source_lon, source_lat
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
-- One number for all that changes together, and one wake-up for whoever listens. `recent_at` has the six
-- times of each unit, one unit after the other.
WITH changed AS (
    INSERT INTO positions (
        unit_id, at, lon, lat, accuracy_m, speed_mps, heading_deg, altitude_m, battery_pct, grid_id,
        moved_at, sos_at, interval_s, recent_at, seq
    )
    SELECT
        unit_id, at, lon, lat, accuracy_m, speed_mps, heading_deg, altitude_m, battery_pct, grid_id,
        moved_at, sos_at, interval_s, (%(recent_at)s)[6 * n - 5 : 6 * n],
        (SELECT nextval('positions_seq'))
    FROM unnest(
        %(unit_id)s, %(at)s, %(lon)s, %(lat)s, %(accuracy_m)s, %(speed_mps)s, %(heading_deg)s,
        %(altitude_m)s, %(battery_pct)s, %(grid_id)s, %(moved_at)s, %(sos_at)s, %(interval_s)s
    ) WITH ORDINALITY AS unit (
        unit_id, at, lon, lat, accuracy_m, speed_mps, heading_deg, altitude_m, battery_pct, grid_id,
        moved_at, sos_at, interval_s, n
    )
    ON CONFLICT (unit_id) DO UPDATE SET
        at = excluded.at, lon = excluded.lon, lat = excluded.lat,
        accuracy_m = excluded.accuracy_m, speed_mps = excluded.speed_mps,
        heading_deg = excluded.heading_deg, altitude_m = excluded.altitude_m,
        battery_pct = excluded.battery_pct, grid_id = excluded.grid_id,
        moved_at = excluded.moved_at, sos_at = excluded.sos_at,
        interval_s = excluded.interval_s, recent_at = excluded.recent_at, seq = excluded.seq, received_at = excluded.received_at
    RETURNING seq
)
SELECT pg_notify('positions', max(seq)::text) FROM changed;

-- mark_changed_days
-- What follows from fixes is worked out later. Where there is a mark already this only looks; it never waits,
-- for whoever takes a mark holds the lock as well.
INSERT INTO changed_days (unit_id, day)
SELECT unit_id, (day AT TIME ZONE 'UTC')::date FROM unnest(%(unit_id)s, %(day)s) AS touched (unit_id, day)
ON CONFLICT DO NOTHING;

-- note_late_fixes
-- The watch over alerts has to look at these times again.
INSERT INTO late_fixes (unit_id, since, until)
SELECT * FROM unnest(%(unit_id)s, %(since)s, %(until)s);

-- raise_calls
-- A call for help without a usable place stands at the unit's last known position.
WITH changed AS (
    UPDATE positions
    SET sos_at = call.at, seq = (SELECT nextval('positions_seq'))
    FROM unnest(%(unit_id)s, %(at)s) AS call (unit_id, at)
    WHERE positions.unit_id = call.unit_id
        AND (positions.sos_at IS NULL OR positions.sos_at < call.at)
    RETURNING seq
)
SELECT pg_notify('positions', max(seq)::text) FROM changed HAVING count(*) > 0;

-- count_off_duty
-- A refusal counts each time: a fix that is sent again is counted again.
INSERT INTO off_duty_fixes (unit_id, day, fixes)
SELECT units.id, %(day)s, refused.fixes
FROM unnest(%(unit_id)s, %(fixes)s) AS refused (unit_id, fixes)
JOIN units ON units.id = refused.unit_id
ON CONFLICT (unit_id, day) DO UPDATE SET fixes = off_duty_fixes.fixes + excluded.fixes;

-- quarantine
INSERT INTO quarantined_fixes (unit, reason, message, payload)
SELECT * FROM unnest(
    %(unit)s::text[], %(reason)s::text[], %(message)s::text[], %(payload)s::jsonb[]
);
