Reading fixes as columns. Parameters are psycopg's.

-- fixes_between
-- One row for each unit that has any, its fixes in the order of time.
SELECT
    wanted.unit_id, at, lon, lat, accuracy_m, grid_id
FROM unnest(%(unit_ids)s) AS wanted (unit_id)
CROSS JOIN LATERAL (
    SELECT
        array_agg(at) AS at, array_agg(lon) AS lon, array_agg(lat) AS lat,
        array_agg(coalesce(accuracy_m, 'NaN')) AS accuracy_m,
        array_agg(coalesce(grid_id, 0)) AS grid_id
    FROM (
        SELECT at, lon, lat, accuracy_m, grid_id
        FROM fixes
        WHERE fixes.unit_id = wanted.unit_id AND at >= %(since)s AND at < %(until)s
        ORDER BY at
    ) AS ordered
) AS columns
WHERE at IS NOT NULL;

-- measured_fixes_between
-- The same of one unit, with everything else that its device said; no row where there is none.
SELECT
    at, lon, lat, accuracy_m, grid_id, speed_mps, heading_deg, altitude_m, battery_pct
FROM (
    SELECT
        array_agg(at) AS at, array_agg(lon) AS lon, array_agg(lat) AS lat,
        array_agg(coalesce(accuracy_m, 'NaN')) AS accuracy_m,
        array_agg(coalesce(grid_id, 0)) AS grid_id,
        array_agg(coalesce(speed_mps, 'NaN')) AS speed_mps,
        array_agg(coalesce(heading_deg, 'NaN')) AS heading_deg,
        array_agg(coalesce(altitude_m, 'NaN')) AS altitude_m,
        array_agg(coalesce(battery_pct, 'NaN')) AS battery_pct
    FROM (
        SELECT * FROM fixes
        WHERE unit_id = %(unit_id)s AND at >= %(since)s AND at < %(until)s
        ORDER BY at
    ) AS ordered
) AS columns
WHERE at IS NOT NULL;

-- count_between
SELECT count(*) FROM fixes WHERE unit_id = ANY(%(unit_ids)s) AND at >= %(since)s AND at < %(until)s;

-- grids_by_id
SELECT id, code, name FROM grids WHERE id = ANY(%(ids)s);
