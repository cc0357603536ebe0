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
SELECT * FROM posts_in_grids(:grid_codes, :at, :until);

-- staff_on_leave
SELECT ends_at FROM staff_on_leave(:at) WHERE staff_id = :staff_id;
