Storing the fixes of a file. Parameters are psycopg's.

-- create_staging
-- One for a connection.
CREATE TEMPORARY TABLE IF NOT EXISTS track_staging (
    at timestamptz NOT NULL,
    lon double precision NOT NULL,
    lat double precision NOT NULL,
    altitude_m real,
    grid_id bigint,
    line integer NOT NULL
) ON COMMIT DELETE ROWS;

-- empty_staging
-- A transaction may store several tracks.
TRUNCATE track_staging;

-- copy_to_staging
COPY track_staging (at, lon, lat, altitude_m, grid_id, line) FROM STDIN (FORMAT binary);

-- make_partitions
SELECT make_fixes_partition(day) FROM unnest(%(days)s::date[]) AS day ORDER BY day;

-- lines_in_conflict
-- Lines whose time the unit has already spent elsewhere, in another file or live.
SELECT staged.line
FROM track_staging AS staged
JOIN fixes ON fixes.unit_id = %(unit_id)s AND fixes.at = staged.at
WHERE fixes.lon <> staged.lon OR fixes.lat <> staged.lat
ORDER BY staged.line;

-- insert_fixes
INSERT INTO fixes (unit_id, at, lon, lat, altitude_m, grid_id)
SELECT %(unit_id)s, at, lon, lat, altitude_m, grid_id FROM track_staging
ON CONFLICT (unit_id, at) DO NOTHING;

-- lock_positions
-- The numbers of positions_seq come in the order of commits only while everybody draws them under it.
SELECT pg_advisory_xact_lock(hashtext('positions'));

-- advance_position
-- The newest fix of the file, if it is newer than the unit's position. Whether it was moving then is
-- not asked of history: an hour ago means "not lately".
INSERT INTO positions (unit_id, at, lon, lat, altitude_m, grid_id, moved_at, seq)
SELECT %(unit_id)s, at, lon, lat, altitude_m, grid_id, at - interval '1 hour',
    nextval('positions_seq')
FROM (SELECT * FROM track_staging ORDER BY at DESC LIMIT 1) AS newest
ON CONFLICT (unit_id) DO UPDATE SET
    at = excluded.at, lon = excluded.lon, lat = excluded.lat, accuracy_m = NULL, speed_mps = NULL,
    heading_deg = NULL, altitude_m = excluded.altitude_m, battery_pct = NULL,
    grid_id = excluded.grid_id, flags = 0, received_at = now(),
    moved_at = greatest(positions.moved_at, excluded.moved_at), seq = excluded.seq
WHERE excluded.at > positions.at;

-- notify_positions
NOTIFY positions;
