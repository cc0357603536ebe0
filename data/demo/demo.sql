Loading the demo town. Parameters are psycopg's.

-- make_partitions
SELECT make_fixes_partition(day) FROM unnest(%(days)s::date[]) AS day ORDER BY day;

-- lock_positions
-- The numbers of positions_seq come in the order of commits only while everybody draws them under it.
SELECT pg_advisory_xact_lock(hashtext('positions'));

-- set_positions
-- The newest fix of every unit; seen moving as `patrol.tracking.latest` counts it.
INSERT INTO positions (
    unit_id, at, lon, lat, accuracy_m, speed_mps, heading_deg, altitude_m, battery_pct, grid_id,
    received_at, moved_at, seq
)
SELECT
    newest.unit_id, newest.at, newest.lon, newest.lat, newest.accuracy_m, newest.speed_mps,
    newest.heading_deg, newest.altitude_m, newest.battery_pct, newest.grid_id, newest.received_at,
    greatest(
        newest.at - interval '1 hour',
        (
            SELECT max(fixes.at) FROM fixes
            WHERE fixes.unit_id = newest.unit_id
                AND fixes.at > newest.at - interval '1 hour'
                AND fixes.speed_mps >= %(moving_mps)s
        )
    ),
    nextval('positions_seq')
FROM units
CROSS JOIN LATERAL (
    SELECT * FROM fixes WHERE fixes.unit_id = units.id ORDER BY fixes.at DESC LIMIT 1
) AS newest;

-- one_of_each_role
-- The first who holds each role as their main post.
SELECT DISTINCT ON (posts.role) posts.role, staff.id AS staff_id, staff.name, posts.grid_code
FROM posts JOIN staff ON staff.id = posts.staff_id
WHERE NOT posts.is_deputy AND posts.valid_to IS NULL
ORDER BY posts.role, posts.id;

-- analyze
-- So that the first questions are planned as well as the later ones.
ANALYZE;

-- begin_watches
-- The last day is looked at when the server starts, so that there are alerts; nothing is told of before.
INSERT INTO watches (unit_id, watched_at)
SELECT unit_id, at - interval '1 day' FROM positions
ON CONFLICT DO NOTHING;
