What stands after FROM for a layer without a table, filled in from the catalog.

-- given
-- Rows that were worked out: an array for each field, and the outlines as WKB in EPSG:4326.
(
    SELECT {names}, ST_GeomFromWKB(shape, 4326) AS geom,
        ST_Transform(ST_GeomFromWKB(shape, 4326), 3857) AS geom_3857
    FROM unnest({arrays}, %(row_shape)s::bytea[]) AS given({names}, shape)
)
