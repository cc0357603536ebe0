What reports have beside figures. Parameters are SQLAlchemy's.

-- cases_reported
-- Where the cases between the first and the last of the ascending :edges were, those that were the same or
-- nothing too, and between which of them, from 1 on.
SELECT lon, lat, width_bucket(reported_at, CAST(:edges AS timestamptz[])) AS part FROM cases
WHERE reported_at >= :since AND reported_at < :until
    AND (CAST(:codes AS text[]) IS NULL OR grid_code = ANY(:codes));

-- overdue
-- What stood open and overdue at :until, and not on hold, the longest first.
SELECT cases.id, cases.number, cases.category, cases.state, cases.grid_code, grids.name AS grid_name,
    cases.owner_staff_id, staff.name AS owner_name, cases.due_at,
    CAST(extract(epoch FROM CAST(:until AS timestamptz) - cases.due_at) AS float8) AS overdue_s
FROM cases
LEFT JOIN grids ON grids.edition_id = cases.edition_id AND grids.code = cases.grid_code
LEFT JOIN staff ON staff.id = cases.owner_staff_id
WHERE cases.due_at < :until AND cases.reported_at < :until
    AND (cases.open OR cases.closed_at >= :until)
    AND (cases.handled_at IS NULL OR cases.handled_at >= :until)
    AND NOT EXISTS (
        SELECT FROM case_holds
        WHERE case_id = cases.id AND began_at < :until AND (ended_at IS NULL OR ended_at >= :until)
    )
    AND (CAST(:codes AS text[]) IS NULL OR cases.grid_code = ANY(:codes))
ORDER BY cases.due_at, cases.id
LIMIT :count;

-- any_case_before
SELECT EXISTS (SELECT FROM cases WHERE reported_at < :until);
