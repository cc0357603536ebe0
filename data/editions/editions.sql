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

-- lock_codes
-- Until the end of the transaction nobody else looks for a code that is free.
SELECT pg_advisory_xact_lock(hashtext('grid codes'));

-- used_codes
-- The codes of all editions, drafts included, and those that other drafts have again when what was done to
-- them is undone or done again.
SELECT code FROM grids
UNION
SELECT held.code
FROM edition_change_grids AS held
JOIN edition_changes AS change ON change.id = held.change_id
JOIN grid_editions AS edition ON edition.id = change.edition_id
WHERE edition.state = 'draft' AND edition.id <> :edition_id AND change.state <> 'dropped';
