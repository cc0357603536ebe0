Whose a case is by its category, where that is not whoever owns what happens in its grid. Parameters are
SQLAlchemy's. In a post acts its holder, or who stands in while that one is on leave. What somebody has in
hand is counted by `workload`, which counts for every viewer alike.

-- department_handlers
WITH acting AS (
    SELECT posts.id AS post_id, posts.role, posts.grid_code, leave.staff_id IS NOT NULL AS stands_in,
        CASE WHEN leave.staff_id IS NULL THEN posts.staff_id ELSE leave.stand_in_id END AS staff_id
    FROM posts
    LEFT JOIN staff_on_leave(:at) AS leave ON leave.staff_id = posts.staff_id
    WHERE posts.role = 'department_handler' AND posts.department = :department
        AND posts.valid_from <= :at AND (posts.valid_to IS NULL OR posts.valid_to > :at)
)
SELECT acting.staff_id, staff.name, acting.role, acting.grid_code, acting.stands_in
FROM acting
JOIN staff ON staff.id = acting.staff_id
LEFT JOIN workload(ARRAY(SELECT staff_id FROM acting), :at) AS load ON load.staff_id = acting.staff_id
WHERE acting.staff_id IS DISTINCT FROM CAST(:not_staff AS bigint)
ORDER BY coalesce(load.open, 0), acting.post_id
LIMIT 1;

-- enforcement_officers
WITH acting AS (
    SELECT posts.id AS post_id, posts.role, posts.grid_code, leave.staff_id IS NOT NULL AS stands_in,
        CASE WHEN leave.staff_id IS NULL THEN posts.staff_id ELSE leave.stand_in_id END AS staff_id
    FROM posts
    LEFT JOIN staff_on_leave(:at) AS leave ON leave.staff_id = posts.staff_id
    WHERE posts.role = 'enforcement_officer'
        AND (posts.grid_code IS NULL OR posts.grid_code = ANY(CAST(:grid_codes AS text[])))
        AND posts.valid_from <= :at AND (posts.valid_to IS NULL OR posts.valid_to > :at)
)
SELECT acting.staff_id, staff.name, acting.role, acting.grid_code, acting.stands_in
FROM acting
JOIN staff ON staff.id = acting.staff_id
LEFT JOIN workload(ARRAY(SELECT staff_id FROM acting), :at) AS load ON load.staff_id = acting.staff_id
WHERE acting.staff_id IS DISTINCT FROM CAST(:not_staff AS bigint)
ORDER BY
    NOT EXISTS (
        SELECT FROM units
        JOIN LATERAL duty_at(units.id, :at) AS duty ON duty.under_way
        WHERE units.staff_id = acting.staff_id
    ),
    coalesce(load.open, 0), acting.post_id
LIMIT 1;
