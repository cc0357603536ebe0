Vector tiles: one statement for every layer of the catalog, and those of their own that some have, with
parameters z, x, y. What stands in braces is filled in from the catalog (layers.tiles.statement), never from
a request. Each answers with a single row (version, tile): both are read in the statement's one snapshot, see
layers.tiles.service.

Conventions: `padded` is the tile with the margin that its features are cut at (64 of 4096 units on each
side; without it seams show); rows are ordered so that equal content gives equal bytes; the id of a
feature is its primary key. Up to zoom 12 and up to zoom 9 geometry is taken that was simplified when it was
written (`coarse` in data.schema.columns, data.editions.outlines).

-- versions
-- The version of every layer. A layer that has never been written to is missing: its version is 0.
SELECT layer, version FROM layer_versions;

-- layer
-- The features of one relation, as they are stored.
WITH tile AS (
    SELECT
        ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS envelope,
        ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64.0 / 4096) AS padded
),
shown AS (
    SELECT {key} AS id, {fields}, ST_AsMVTGeom({projected}, tile.envelope, 4096, 64) AS geom
    FROM tile JOIN {relation} AS feature ON {near}
    WHERE {condition}
)
SELECT
    coalesce((SELECT version FROM layer_versions WHERE layer = {layer}), 0) AS version,
    ST_AsMVT(shown, {layer}, 4096, 'geom', 'id' ORDER BY shown.id) AS tile
FROM shown
WHERE geom IS NOT NULL;

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
        CASE
            WHEN %(z)s > 12 THEN feature.geom_3857
            WHEN %(z)s > 9 THEN feature.geom_z12
            ELSE feature.geom_z9
        END,
        tile.envelope, 4096, 64
    ) AS geom
    FROM tile JOIN basemap_features AS feature ON feature.geom_3857 && tile.padded
    WHERE {condition}
    AND CASE feature.kind
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
-- Areas, and the point inside each that its label stands at. A label belongs to the one tile that holds its
-- point, so that it is not repeated where the area crosses tiles.
WITH tile AS (
    SELECT
        ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS envelope,
        ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 64.0 / 4096) AS padded
),
shown AS (
    SELECT
        feature.id, feature.code, feature.name, feature.level, feature.parent, feature.label_3857,
        coalesce(outline.geom_3857, feature.geom_3857) AS geom_3857
    FROM tile JOIN layer_grids AS feature ON feature.geom_3857 && tile.padded
    LEFT JOIN grid_outlines AS outline ON outline.grid_id = feature.id
        AND outline.zoom = CASE WHEN %(z)s > 12 THEN NULL WHEN %(z)s > 9 THEN 12 ELSE 9 END
    WHERE {condition}
    -- Level 2 from zoom 11 on, each deeper level one zoom later.
    AND (feature.level <= 1 OR feature.level <= %(z)s - 9)
),
areas AS (
    SELECT ST_AsMVT(area, 'grids', 4096, 'geom', 'id' ORDER BY area.level, area.id) AS mvt
    FROM (
        SELECT
            shown.id, shown.code, shown.name, shown.level, shown.parent,
            ST_AsMVTGeom(shown.geom_3857, tile.envelope, 4096, 64) AS geom
        FROM tile, shown
    ) AS area
    WHERE area.geom IS NOT NULL
),
labels AS (
    SELECT ST_AsMVT(label, 'grid_labels', 4096, 'geom', 'id' ORDER BY label.level, label.id) AS mvt
    FROM (
        SELECT
            shown.id, shown.code, shown.name, shown.level, shown.parent,
            ST_AsMVTGeom(shown.label_3857, tile.envelope, 4096, 64) AS geom
        FROM tile, shown
        WHERE ST_X(label_3857) >= ST_XMin(envelope) AND ST_X(label_3857) < ST_XMax(envelope)
        AND ST_Y(label_3857) >= ST_YMin(envelope) AND ST_Y(label_3857) < ST_YMax(envelope)
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
        feature.id, feature.code, feature.name, feature.network, feature.kind,
        feature.bearing_deg, feature.fov_deg, feature.range_m, feature.state,
        ST_AsMVTGeom(feature.geom_3857, tile.envelope, 4096, 64) AS geom
    FROM tile JOIN cameras AS feature ON feature.geom_3857 && tile.padded
    WHERE {condition}
),
points AS (
    SELECT ST_AsMVT(shown, 'cameras', 4096, 'geom', 'id' ORDER BY shown.id) AS mvt FROM shown
),
views AS (
    SELECT ST_AsMVT(view, 'camera_views', 4096, 'geom', 'id' ORDER BY view.id) AS mvt
    FROM (
        SELECT
            feature.id, feature.code, feature.name, feature.network, feature.kind,
            feature.bearing_deg, feature.fov_deg, feature.range_m, feature.state,
            ST_AsMVTGeom(feature.view_3857, tile.envelope, 4096, 64) AS geom
        FROM tile JOIN cameras AS feature ON %(z)s >= 13 AND feature.view_3857 && tile.padded
        WHERE {condition}
    ) AS view
    WHERE view.geom IS NOT NULL
)
SELECT
    coalesce((SELECT version FROM layer_versions WHERE layer = 'cameras'), 0) AS version,
    points.mvt || views.mvt AS tile
FROM points, views;
