What drafts were made of. Parameters are SQLAlchemy's.

-- known
-- The edition that a draft was made of; where that is a draft itself, also what that one was made of.
WITH RECURSIVE made_of (id) AS (
    SELECT base_id FROM grid_editions WHERE id = :edition_id
    UNION
    SELECT edition.base_id
    FROM made_of JOIN grid_editions AS edition ON edition.id = made_of.id AND edition.state = 'draft'
)
SELECT id FROM made_of WHERE id IS NOT NULL;

-- edition_before
-- Of the editions but this one the last that is to take effect by an instant, if any, else the one in force.
SELECT id, name FROM grid_editions
WHERE id <> :edition_id AND (state = 'active' OR due_at <= CAST(:at AS timestamptz))
ORDER BY due_at DESC NULLS LAST, id DESC
LIMIT 1;

-- next_due_after
-- The next edition but this one that takes effect by itself.
SELECT id, name, due_at, due_replaces FROM grid_editions
WHERE id <> :edition_id AND due_at > :at
ORDER BY due_at, id
LIMIT 1;

-- in_force_since
-- What came into force after all of :known.
SELECT id, name FROM grid_editions
WHERE valid_from > (SELECT max(valid_from) FROM grid_editions WHERE id = ANY(:known))
ORDER BY valid_from, id;

-- hand_on_base
-- Drafts that were made of a draft, or may replace it, know what it was made of instead.
UPDATE grid_editions AS other
SET base_id = CASE other.base_id WHEN this.id THEN this.base_id ELSE other.base_id END,
    due_replaces = nullif(other.due_replaces, this.id)
FROM grid_editions AS this
WHERE this.id = :edition_id AND this.id IN (other.base_id, other.due_replaces);
