What PostgreSQL knows of a table or view that is to become a layer.

-- relation
-- NULL where there is none of this name. `invoker`: a view that shows whoever asks no more than its tables
-- would show them.
SELECT
    relation.relkind AS kind,
    coalesce('security_invoker=true' = ANY (relation.reloptions), false)
        OR coalesce('security_invoker=on' = ANY (relation.reloptions), false) AS invoker,
    has_table_privilege(relation.oid, 'SELECT') AS readable
FROM pg_class AS relation JOIN pg_namespace AS namespace ON namespace.oid = relation.relnamespace
WHERE namespace.nspname = :schema AND relation.relname = :name AND relation.relkind IN ('r', 'p', 'v', 'm', 'f');

-- columns
SELECT attribute.attname AS name, type.typname AS type
FROM pg_attribute AS attribute JOIN pg_type AS type ON type.oid = attribute.atttypid
WHERE attribute.attrelid = format('%I.%I', CAST(:schema AS text), CAST(:name AS text))::regclass
AND attribute.attnum > 0 AND NOT attribute.attisdropped
ORDER BY attribute.attnum;

-- geometry
-- What PostGIS says of a column: POINT, MULTIPOLYGON..., and its SRID, which is 0 where nobody says.
SELECT type, srid FROM geometry_columns
WHERE f_table_schema = :schema AND f_table_name = :name AND f_geometry_column = :column;
