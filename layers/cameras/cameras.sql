What cameras see. Their views (`view`, EPSG:4326) are drawn by a trigger; see `camera_view` in the schema.
Parameters are SQLAlchemy's. Cameras are under no row-level security, so that their indexes are used.

-- seeing
-- The cameras whose view covers a point, the nearest first.
WITH place AS (SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS geom)
SELECT
    camera.code, camera.name, camera.network, camera.kind, camera.state,
    camera.bearing_deg, camera.fov_deg, camera.range_m,
    ST_X(camera.geom) AS lon, ST_Y(camera.geom) AS lat,
    ST_Distance(camera.geom::geography, place.geom::geography) AS distance_m,
    degrees(ST_Azimuth(camera.geom::geography, place.geom::geography)) AS azimuth_deg
FROM place JOIN cameras AS camera
    ON camera.view && place.geom AND ST_Covers(camera.view, place.geom)
WHERE NOT :online_only OR camera.state = 'online'
ORDER BY distance_m, camera.code
LIMIT :count;

-- coverage
-- Of each grid of a level: the cameras that stand in it, and how much of it views cover.
SELECT
    grid.code, grid.name, grid.level, coalesce(inside.cameras, 0) AS cameras,
    least(1, coalesce(
        ST_Area(ST_Intersection(seen.views, grid.geom)::geography)
            / nullif(ST_Area(grid.geom::geography), 0),
        0
    )) AS seen_share
FROM grids AS grid
LEFT JOIN LATERAL (
    SELECT count(*) AS cameras FROM cameras AS camera
    WHERE ST_Covers(grid.geom, camera.geom) AND (NOT :online_only OR camera.state = 'online')
) AS inside ON true
LEFT JOIN LATERAL (
    SELECT ST_Union(camera.view) AS views FROM cameras AS camera
    WHERE ST_Intersects(camera.view, grid.geom) AND (NOT :online_only OR camera.state = 'online')
) AS seen ON true
WHERE grid.edition_id = :edition_id AND grid.level = :level
    AND (CAST(:scope AS text[]) IS NULL OR grid.code = ANY (CAST(:scope AS text[])))
ORDER BY grid.code;

-- along
-- The cameras near a line (EPSG:4326), as one comes past them.
WITH way AS (
    SELECT line, ST_Buffer(line::geography, :within_m)::geometry AS strip
    FROM (SELECT ST_GeomFromText(:line, 4326) AS line) AS drawn
)
SELECT camera.code
FROM way JOIN cameras AS camera
    ON camera.geom && ST_Expand(way.strip, 1e-4)
    AND ST_DWithin(camera.geom::geography, way.line::geography, :within_m)
ORDER BY ST_LineLocatePoint(way.line, camera.geom), camera.code
LIMIT :count;
