Who is on duty and who holds which post. Parameters are SQLAlchemy's.
On duty is whoever's last begun session has not ended: one index entry a unit, however long the history.

-- units_on_duty
-- In a duty session, or always on duty because a terminal knows no shifts.
SELECT units.id
FROM units
LEFT JOIN LATERAL (
    SELECT began_at, ended_at
    FROM duty_sessions
    WHERE duty_sessions.unit_id = units.id AND began_at <= :at
    ORDER BY began_at DESC, ended_at DESC
    LIMIT 1
) AS latest ON true
WHERE (CAST(:unit_ids AS bigint[]) IS NULL OR units.id = ANY(CAST(:unit_ids AS bigint[])))
    AND (
        units.always_on_duty
        OR (latest.began_at IS NOT NULL AND coalesce(latest.ended_at > :at, true))
    );

-- staff_on_duty
SELECT DISTINCT units.staff_id
FROM units
JOIN LATERAL (
    SELECT ended_at
    FROM duty_sessions
    WHERE duty_sessions.unit_id = units.id AND began_at <= :at
    ORDER BY began_at DESC, ended_at DESC
    LIMIT 1
) AS latest ON coalesce(latest.ended_at > :at, true)
WHERE units.staff_id IS NOT NULL;

-- posts_in_grids
-- The posts that make somebody the owner of what happens in these grids, or will before :until, the earliest
-- first; each with who stands in for its holder, if that one is on leave.
SELECT posts.staff_id, staff.name, posts.role, posts.grid_code, posts.is_deputy,
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
ORDER BY posts.id;

-- staff_on_leave
SELECT ends_at FROM staff_on_leave(:at) WHERE staff_id = :staff_id;
