Who dispatches and who inspects. Parameters are SQLAlchemy's.

-- dispatchers
-- Whoever dispatches for the town or for one of these grids and is not on leave, by a post or by an account, which
-- sees the whole town.
SELECT staff_id FROM (
    SELECT staff_id FROM posts
    WHERE role = 'dispatcher' AND (grid_code IS NULL OR grid_code = ANY(CAST(:chain AS text[])))
        AND valid_from <= :at AND (valid_to IS NULL OR valid_to > :at)
    UNION
    SELECT staff_id FROM accounts WHERE role = 'dispatcher' AND staff_id IS NOT NULL AND NOT disabled
) AS dispatching
WHERE staff_id NOT IN (SELECT away.staff_id FROM staff_on_leave(:at) AS away)
ORDER BY staff_id;

-- inspectors
-- The same of inspectors, whose grids are those of their posts and of their account.
SELECT staff_id FROM (
    SELECT staff_id FROM posts
    WHERE role = 'inspector' AND grid_code = ANY(CAST(:chain AS text[]))
        AND valid_from <= :at AND (valid_to IS NULL OR valid_to > :at)
    UNION
    SELECT staff_id FROM accounts
    WHERE role = 'inspector' AND staff_id IS NOT NULL AND NOT disabled AND grid_code = ANY(CAST(:chain AS text[]))
) AS inspecting
WHERE staff_id NOT IN (SELECT away.staff_id FROM staff_on_leave(:at) AS away)
ORDER BY staff_id;
