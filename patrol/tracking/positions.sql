The latest position of each unit. Parameters are SQLAlchemy's.

-- positions_after
-- The positions that changed after a number, with what tells who may see them.
SELECT
    units.id AS unit_id, units.code AS unit, units.name, units.role, units.kind,
    units.staff_id, units.grid_code AS home_code,
    positions.at, positions.lon, positions.lat, positions.accuracy_m, positions.speed_mps,
    positions.heading_deg, positions.altitude_m, positions.battery_pct,
    grids.code AS grid_code, grids.name AS grid_name,
    positions.moved_at, positions.sos_at, positions.interval_s, positions.seq
FROM positions
JOIN units ON units.id = positions.unit_id
LEFT JOIN grids ON grids.id = positions.grid_id
WHERE positions.seq > :after
ORDER BY units.code;

-- lock_positions
-- See fixes.sql.
SELECT pg_advisory_xact_lock(hashtext('positions'));

-- touch_position
-- Tells viewers about a unit whose position is the same but whose state is not.
WITH touched AS (
    UPDATE positions SET seq = nextval('positions_seq') WHERE unit_id = :unit_id RETURNING seq
)
SELECT pg_notify('positions', seq::text) FROM touched;

-- announce
-- The number of what changes together, for whoever listens.
WITH drawn AS (SELECT nextval('positions_seq') AS seq)
SELECT seq FROM drawn, pg_notify('positions', '');
