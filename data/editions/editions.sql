The grids around a change. Parameters are SQLAlchemy's.

-- grids_around
-- Of an edition: the grids of :codes, everything below and above them, all children of what is above, and
-- whatever is beside those, of the same level or another.
WITH RECURSIVE named AS MATERIALIZED (
    SELECT code, parent_code, level, geom FROM grids
    WHERE edition_id = :edition_id AND code = ANY(:codes)
),
above AS (
    SELECT code, parent_code, level, geom FROM named
    UNION
    SELECT parent.code, parent.parent_code, parent.level, parent.geom
    FROM above JOIN grids AS parent
        ON parent.edition_id = :edition_id AND parent.code = above.parent_code
),
below AS (
    SELECT code FROM named
    UNION
    SELECT child.code FROM below JOIN grids AS child
        ON child.edition_id = :edition_id AND child.parent_code = below.code
)
SELECT grids.id FROM grids
WHERE grids.edition_id = :edition_id
    AND (
        grids.parent_code IS NULL
        OR grids.code IN (SELECT code FROM below)
        OR grids.parent_code IN (SELECT code FROM above)
        OR EXISTS (SELECT FROM named WHERE grids.geom && named.geom)
        OR EXISTS (SELECT FROM above WHERE grids.level = above.level AND grids.geom && above.geom)
    );

-- used_codes
-- The codes that were ever given to a grid in force, and those of this draft.
SELECT DISTINCT grids.code
FROM grids JOIN grid_editions ON grid_editions.id = grids.edition_id
WHERE grid_editions.state <> 'draft' OR grid_editions.id = :edition_id;
