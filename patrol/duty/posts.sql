Who holds which post. Parameters are SQLAlchemy's.

-- holders_in_grids
-- The posts in these grids at the instant, and with :of_the_town those that know no grid, the earliest
-- first, each with the unit that its holder carries: a person before a vehicle.
SELECT posts.staff_id, staff.name, staff.phone, posts.role, posts.is_deputy, posts.grid_code,
    posts.department, carried.code AS unit, leave.staff_id IS NOT NULL AS on_leave
FROM posts
JOIN staff ON staff.id = posts.staff_id
LEFT JOIN staff_on_leave(:at) AS leave ON leave.staff_id = posts.staff_id
LEFT JOIN LATERAL (
    SELECT units.code FROM units
    WHERE units.staff_id = posts.staff_id
    ORDER BY units.kind, units.id
    LIMIT 1
) AS carried ON true
WHERE (posts.grid_code = ANY(:grid_codes) OR (:of_the_town AND posts.grid_code IS NULL))
    AND posts.valid_from <= :at AND (posts.valid_to IS NULL OR posts.valid_to > :at)
ORDER BY posts.id;
