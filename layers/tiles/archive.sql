What an archive of tiles must know of the database. Parameters are written
`%(name)s`.

-- stamp
-- Which content of the layer is the committed one: its version, this database among all there are, and
-- the transaction that wrote the version. Of a layer that was never written to: version 0.
SELECT
    coalesce(layer.version, 0) AS version,
    (SELECT system_identifier FROM pg_control_system())::text || '.' || (
        SELECT oid FROM pg_database WHERE datname = current_database()
    ) AS place,
    coalesce(layer.xmin::text, '') AS writer
FROM (VALUES (1)) AS always
LEFT JOIN layer_versions AS layer ON layer.layer = %(layer)s;

-- plan_each
-- As the tile service reads: a generic plan cannot know how much of a table a tile covers.
SET LOCAL plan_cache_mode = force_custom_plan;
