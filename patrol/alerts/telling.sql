Whom alerts are told to. Parameters are SQLAlchemy's.

-- last_number
SELECT max(seq) FROM alerts;

-- dispatchers
-- Whoever dispatches for the town or for one of these grids and is not on leave, by a post or by an account.
SELECT staff_id FROM (
    SELECT staff_id FROM posts
    WHERE role = 'dispatcher' AND (grid_code IS NULL OR grid_code = ANY(:chain))
        AND valid_from <= :now AND (valid_to IS NULL OR valid_to > :now)
    UNION
    SELECT staff_id FROM accounts WHERE role = 'dispatcher' AND staff_id IS NOT NULL AND NOT disabled
) AS dispatching
WHERE staff_id NOT IN (SELECT away.staff_id FROM staff_on_leave(:now) AS away)
ORDER BY staff_id;
