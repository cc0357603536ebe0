Storing the fixes of a file. Parameters are psycopg's.

-- create_staging
-- One for a connection.
CREATE TEMPORARY TABLE IF NOT EXISTS track_staging (
    at timestamptz NOT NULL,
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    accuracy_m real,
    speed_mps real,
    heading_deg real,
    altitude_m real,
    battery_pct real,
    grid_id bigint,
    number integer NOT NULL,
    source_crs text,
    source_lon double precision,
    source_lat double precision
) ON COMMIT DELETE ROWS;

-- empty_staging
-- A transaction may store several tracks.
TRUNCATE track_staging;

-- copy_to_staging
COPY track_staging (
    at, lon, lat, accuracy_m, speed_mps, heading_deg, altitude_m, battery_pct, grid_id, number,
    source_crs, source_lon, source_lat
) FROM STDIN (FORMAT binary);

-- make_partitions
SELECT make_fixes_partition(day) FROM unnest(%(days)s::date[]) AS day ORDER BY day;

-- numbers_in_conflict
-- Parts of the file whose time the unit has already spent elsewhere, in another file or live.
SELECT staged.number
FROM track_staging AS staged
JOIN fixes ON fixes.unit_id = %(unit_id)s AND fixes.at = staged.at
WHERE fixes.lon <> staged.lon OR fixes.lat <> staged.lat
ORDER BY staged.number;

-- insert_fixes
INSERT INTO fixes (
    unit_id, at, lon, lat, accuracy_m, speed_mps, heading_deg, altitude_m, battery_pct, grid_id,
    source_crs, source_lon, source_lat
)
SELECT
    %(unit_id)s, at, lon, lat, accuracy_m, speed_mps, heading_deg, altitude_m, battery_pct, grid_id,
    source_crs, source_lon, source_lat
FROM track_staging
ON CONFLICT (unit_id, at) DO NOTHING;

-- mark_changed_days
-- What follows from fixes is worked out later. Under lock_positions, as whoever takes marks.
INSERT INTO changed_days (unit_id, day) SELECT %(unit_id)s, unnest(%(days)s::date[]) ON CONFLICT DO NOTHING;

-- lock_positions
-- The numbers of positions_seq come in the order of commits only while everybody draws them under it.
SELECT pg_advisory_xact_lock(hashtext('positions'));

-- cover_with_duty
-- One session from the first to the last fix of a track, with those that overlap it in it; an open one
-- stays open. Nothing where a session covers it all, or the unit is always on duty. Under lock_positions,
-- as whoever begins or ends duty.
WITH walked AS (
    SELECT id AS unit_id, date_trunc('second', %(first_at)s) AS began_at,
        date_trunc('second', %(last_at)s) + interval '1 second' AS ended_at
    FROM units
    WHERE id = %(unit_id)s AND NOT always_on_duty
), uncovered AS (
    SELECT * FROM walked
    WHERE NOT EXISTS (
        SELECT FROM duty_sessions
        WHERE duty_sessions.unit_id = walked.unit_id
            AND duty_sessions.began_at <= walked.began_at
            AND coalesce(duty_sessions.ended_at >= walked.ended_at, true)
    )
), overlapping AS (
    DELETE FROM duty_sessions USING uncovered
    WHERE duty_sessions.unit_id = uncovered.unit_id
        AND duty_sessions.began_at < uncovered.ended_at
        AND coalesce(duty_sessions.ended_at > uncovered.began_at, true)
    RETURNING duty_sessions.began_at, duty_sessions.ended_at
)
INSERT INTO duty_sessions (unit_id, began_at, ended_at)
SELECT uncovered.unit_id, least(uncovered.began_at, min(overlapping.began_at)),
    CASE WHEN NOT bool_or(overlapping.began_at IS NOT NULL AND overlapping.ended_at IS NULL)
        THEN greatest(uncovered.ended_at, max(overlapping.ended_at)) END
FROM uncovered LEFT JOIN overlapping ON true
GROUP BY uncovered.unit_id, uncovered.began_at, uncovered.ended_at;

-- note_late_fixes
-- What is older than the unit's position was not there when the watch over alerts looked at that time, which
-- it has to do again.
INSERT INTO late_fixes (unit_id, since, until)
SELECT unit_id, first_at, least(last_at, positions.at)
FROM positions, (SELECT min(at) AS first_at, max(at) AS last_at FROM track_staging) AS track
WHERE unit_id = %(unit_id)s AND first_at <= positions.at;

-- touch_position
-- A new number wakes the watch up.
UPDATE positions SET seq = nextval('positions_seq') WHERE unit_id = %(unit_id)s;

-- advance_position
-- The newest fix of the file, if it is newer than the unit's position. Whether it was moving then is
-- not asked of history: an hour ago means "not lately".
INSERT INTO positions (
    unit_id, at, lon, lat, accuracy_m, speed_mps, heading_deg, altitude_m, battery_pct, grid_id,
    moved_at, seq
)
SELECT
    %(unit_id)s, at, lon, lat, accuracy_m, speed_mps, heading_deg, altitude_m, battery_pct, grid_id,
    at - interval '1 hour', nextval('positions_seq')
FROM (SELECT * FROM track_staging ORDER BY at DESC LIMIT 1) AS newest
ON CONFLICT (unit_id) DO UPDATE SET
    at = excluded.at, lon = excluded.lon, lat = excluded.lat, accuracy_m = excluded.accuracy_m,
    speed_mps = excluded.speed_mps, heading_deg = excluded.heading_deg,
    altitude_m = excluded.altitude_m, battery_pct = excluded.battery_pct,
    grid_id = excluded.grid_id, flags = 0, received_at = now(),
    moved_at = greatest(positions.moved_at, excluded.moved_at), seq = excluded.seq
WHERE excluded.at > positions.at;

-- notify_positions
NOTIFY positions;
