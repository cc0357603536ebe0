Imports of facilities and taking them back. Parameters are SQLAlchemy's. `facility_versions` has what a
facility was before an import wrote over it, and which import it was of then: a chain for each facility.

-- keep
INSERT INTO facility_versions (import_id, code, kind, name, properties, geom, previous_import_id)
SELECT :import_id, code, kind, name, properties, geom, import_id
FROM facilities WHERE code = ANY (CAST(:codes AS text[]))
ORDER BY code FOR UPDATE;

-- keep_only_changed
DELETE FROM facility_versions AS version
WHERE import_id = :import_id AND NOT EXISTS (
    SELECT FROM facilities WHERE facilities.code = version.code AND facilities.import_id = :import_id
);

-- restore
-- What nobody has written over since is as it was before.
UPDATE facilities SET
    kind = version.kind, name = version.name, properties = version.properties, geom = version.geom,
    import_id = version.previous_import_id
FROM facility_versions AS version
WHERE version.import_id = :import_id AND version.code = facilities.code
    AND facilities.import_id = :import_id;

-- remove
-- What this import made and nobody has written over since.
DELETE FROM facilities WHERE import_id = :import_id;

-- relink
-- A later import wrote over it: what was before this one is now what was before that one.
UPDATE facility_versions AS later SET
    kind = version.kind, name = version.name, properties = version.properties, geom = version.geom,
    previous_import_id = version.previous_import_id
FROM facility_versions AS version
WHERE later.previous_import_id = :import_id
    AND version.import_id = :import_id AND version.code = later.code;

-- unlink
-- It was made by this one: it is now as if the later one had made it.
DELETE FROM facility_versions WHERE previous_import_id = :import_id;

-- forget
WITH versions AS (DELETE FROM facility_versions WHERE import_id = :import_id)
DELETE FROM facility_imports WHERE id = :import_id;

-- kinds
SELECT kind, count(*) AS facilities FROM facilities GROUP BY kind ORDER BY kind;
