Who is on duty (`duty_at`) and who holds which post. Parameters are SQLAlchemy's.

-- units_on_duty
-- In a duty session, or always on duty because a terminal knows no shifts.
SELECT units.id
FROM units
LEFT JOIN LATERAL duty_at(units.id, :at) AS duty ON true
WHERE (CAST(:unit_ids AS bigint[]) IS NULL OR units.id = ANY(CAST(:unit_ids AS bigint[])))
    AND (units.always_on_duty OR duty.under_way);

-- staff_on_duty
SELECT DISTINCT units.staff_id
FROM units
JOIN LATERAL duty_at(units.id, :at) AS duty ON duty.under_way
WHERE units.staff_id IS NOT NULL;

-- posts_in_grids
-- The posts that make somebody the owner of what happens in these grids, or will before :until, the earliest
-- first; each with who stands in for its holder, if that one is on leave.
WITH held AS (
    SELECT posts.id, posts.staff_id, staff.name, posts.role, posts.grid_code, posts.is_deputy,
        posts.valid_from, posts.valid_to,
        leave.staff_id IS NOT NULL AS on_leave, leave.ends_at AS back_at,
        leave.stand_in_id, stand_in.name AS stand_in_name
    FROM posts
    JOIN staff ON staff.id = posts.staff_id
    LEFT JOIN staff_on_leave(:at) AS leave ON leave.staff_id = posts.staff_id
    LEFT JOIN staff AS stand_in ON stand_in.id = leave.stand_in_id
    WHERE posts.grid_code = ANY(:grid_codes)
        AND posts.role IN ('grid_worker', 'grid_chief')
        AND posts.valid_from <= :until AND (posts.valid_to IS NULL OR posts.valid_to > :at)
),
on_duty AS (
    SELECT units.staff_id
    FROM units
    JOIN LATERAL duty_at(units.id, :at) AS duty ON duty.under_way
    WHERE units.staff_id IN (SELECT staff_id FROM held UNION SELECT stand_in_id FROM held)
)
SELECT held.*,
    EXISTS (SELECT FROM on_duty WHERE on_duty.staff_id = held.staff_id) AS on_duty,
    EXISTS (SELECT FROM on_duty WHERE on_duty.staff_id = held.stand_in_id) AS stand_in_on_duty
FROM held
ORDER BY held.id;

-- staff_on_leave
SELECT ends_at FROM staff_on_leave(:at) WHERE staff_id = :staff_id;
