Vector tiles. One statement for each layer of the catalog, with parameters z, x, y. Every one answers
with a single row (version, tile): both are read in the statement's one snapshot, see layers.tiles.service.

Conventions: `padded` is the tile with the margin that its features are cut at (64 of 4096 units on each
side; without it seams show); rows are ordered so that equal content gives equal bytes; the id of a
feature is its primary key. Below zoom 13 vertices are moved to a grid of a quarter of a pixel (a tile has
256): the vertices that neighbours share move alike, so no gap opens between them.

-- versions
-- The version of every layer. A layer that has never been written to is missing: its version is 0.
SELECT layer, version FROM layer_versions;

-- basemap
-- One sublayer for each kind there is. Minor roads and places wait for their zoom.
WITH tile AS (
    SELECT
        ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS envelope,
        ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64.0 / 4096) AS padded,
        40075016.686 / 256 / (1 << %(z)s) AS pixel
),
shown AS (
    SELECT feature.id, feature.kind, feature.class, feature.name, ST_AsMVTGeom(
        CASE WHEN %(z)s < 13 THEN ST_SnapToGrid(feature.geom_3857, tile.pixel / 4)
        ELSE feature.geom_3857 END,
        tile.envelope, 4096, 64
    ) AS geom
    FROM tile JOIN basemap_features AS feature ON feature.geom_3857 && tile.padded
    WHERE CASE feature.kind
        WHEN 'road' THEN %(z)s >= CASE
            WHEN feature.class IN ('motorway', 'trunk', 'primary') THEN 0
            WHEN feature.class IN ('main', 'secondary', 'tertiary') THEN 10
            ELSE 13
        END
        WHEN 'place' THEN %(z)s >= CASE
            WHEN feature.class IN ('city', 'county', 'town') THEN 0
            WHEN feature.class = 'village' THEN 11
            ELSE 13
        END
        -- Of areas and streams, what is larger than a pixel.
        ELSE greatest(
            ST_XMax(feature.geom_3857) - ST_XMin(feature.geom_3857),
            ST_YMax(feature.geom_3857) - ST_YMin(feature.geom_3857)
        ) >= tile.pixel
    END
),
sublayers AS (
    SELECT shown.kind, ST_AsMVT(feature, shown.kind, 4096, 'geom', 'id' ORDER BY shown.id) AS mvt
    FROM shown, LATERAL (SELECT shown.id, shown.class, shown.name, shown.geom) AS feature
    WHERE shown.geom IS NOT NULL
    GROUP BY shown.kind
)
SELECT
    coalesce((SELECT version FROM layer_versions WHERE layer = 'basemap'), 0) AS version,
    string_agg(mvt, ''::bytea ORDER BY kind) AS tile
FROM sublayers;

-- grids
-- The active edition: areas, and the point inside each that its label stands at. A label belongs to the
-- one tile that holds its point, so that it is not repeated where the area crosses tiles.
WITH tile AS (
    SELECT
        ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS envelope,
        ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64.0 / 4096) AS padded,
        40075016.686 / 256 / (1 << %(z)s) AS pixel
),
shown AS (
    SELECT grid.id, grid.code, grid.name, grid.level, grid.parent_code AS parent, grid.geom_3857
    FROM tile JOIN grids AS grid ON grid.geom_3857 && tile.padded
    WHERE grid.edition_id = (SELECT id FROM grid_editions WHERE state = 'active')
    -- Level 2 from zoom 11 on, each deeper level one zoom later.
    AND (grid.level <= 1 OR grid.level <= %(z)s - 9)
),
areas AS (
    SELECT ST_AsMVT(area, 'grids', 4096, 'geom', 'id' ORDER BY area.level, area.id) AS mvt
    FROM (
        SELECT
            shown.id, shown.code, shown.name, shown.level, shown.parent,
            ST_AsMVTGeom(
                CASE WHEN %(z)s < 13 THEN ST_SnapToGrid(shown.geom_3857, tile.pixel / 4)
                ELSE shown.geom_3857 END,
                tile.envelope, 4096, 64
            ) AS geom
        FROM tile, shown
    ) AS area
    WHERE area.geom IS NOT NULL
),
anchors AS MATERIALIZED (
    SELECT shown.*, ST_PointOnSurface(shown.geom_3857) AS anchor FROM shown
),
labels AS (
    SELECT ST_AsMVT(label, 'grid_labels', 4096, 'geom', 'id' ORDER BY label.level, label.id) AS mvt
    FROM (
        SELECT
            anchors.id, anchors.code, anchors.name, anchors.level, anchors.parent,
            ST_AsMVTGeom(anchors.anchor, tile.envelope, 4096, 64) AS geom
        FROM tile, anchors
        WHERE ST_X(anchor) >= ST_XMin(envelope) AND ST_X(anchor) < ST_XMax(envelope)
        AND ST_Y(anchor) >= ST_YMin(envelope) AND ST_Y(anchor) < ST_YMax(envelope)
    ) AS label
)
SELECT
    coalesce((SELECT version FROM layer_versions WHERE layer = 'grids'), 0) AS version,
    areas.mvt || labels.mvt AS tile
FROM areas, labels;

-- cameras
-- Where they stand and, from zoom 13 on, what they see.
WITH tile AS (
    SELECT
        ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS envelope,
        ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64.0 / 4096) AS padded
),
shown AS (
    SELECT
        camera.id, camera.code, camera.name, camera.network, camera.kind,
        camera.bearing_deg, camera.fov_deg, camera.range_m, camera.state,
        ST_AsMVTGeom(camera.geom_3857, tile.envelope, 4096, 64) AS geom
    FROM tile JOIN cameras AS camera ON camera.geom_3857 && tile.padded
),
points AS (
    SELECT ST_AsMVT(shown, 'cameras', 4096, 'geom', 'id' ORDER BY shown.id) AS mvt FROM shown
),
views AS (
    SELECT ST_AsMVT(view, 'camera_views', 4096, 'geom', 'id' ORDER BY view.id) AS mvt
    FROM (
        SELECT
            camera.id, camera.code, camera.name, camera.network, camera.kind,
            camera.bearing_deg, camera.fov_deg, camera.range_m, camera.state,
            ST_AsMVTGeom(camera.view_3857, tile.envelope, 4096, 64) AS geom
        FROM tile JOIN cameras AS camera ON %(z)s >= 13 AND camera.view_3857 && tile.padded
    ) AS view
    WHERE view.geom IS NOT NULL
)
SELECT
    coalesce((SELECT version FROM layer_versions WHERE layer = 'cameras'), 0) AS version,
    points.mvt || views.mvt AS tile
FROM points, views;

-- facilities
-- Street lamps, manholes, bins and the like.
WITH tile AS (
    SELECT
        ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS envelope,
        ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64.0 / 4096) AS padded
),
shown AS (
    SELECT
        facility.id, facility.code, facility.name, facility.kind,
        ST_AsMVTGeom(facility.geom_3857, tile.envelope, 4096, 64) AS geom
    FROM tile JOIN facilities AS facility ON facility.geom_3857 && tile.padded
)
SELECT
    coalesce((SELECT version FROM layer_versions WHERE layer = 'facilities'), 0) AS version,
    ST_AsMVT(shown, 'facilities', 4096, 'geom', 'id' ORDER BY shown.id) AS tile
FROM shown;

-- sensors
-- Where they are; what they measure is asked for apart (GET /sensors), for it changes all the time.
WITH tile AS (
    SELECT
        ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS envelope,
        ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64.0 / 4096) AS padded
),
shown AS (
    SELECT
        sensor.id, sensor.code, sensor.name, sensor.kind,
        ST_AsMVTGeom(sensor.geom_3857, tile.envelope, 4096, 64) AS geom
    FROM tile JOIN sensors AS sensor
        ON sensor.geom_3857 && tile.padded AND sensor.retired_at IS NULL
)
SELECT
    coalesce((SELECT version FROM layer_versions WHERE layer = 'sensors'), 0) AS version,
    ST_AsMVT(shown, 'sensors', 4096, 'geom', 'id' ORDER BY shown.id) AS tile
FROM shown;
