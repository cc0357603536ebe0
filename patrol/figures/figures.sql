What figures are counted from. Parameters are SQLAlchemy's.

`key` is what is counted by (:by), '' for all together. :edges are ascending instants, the ends of the parts
of a period, and a number of them says where a moment lies: 0 is before the first, 1 between the first two.

-- plan_for_these
-- A plan for any period would not know which index bounds this one: it is five times slower.
SET LOCAL plan_cache_mode = force_custom_plan;

-- cases
-- All cases that have to do with the period from :since to :until, by where their moments lie: which of them
-- count to which part and to which figure is for `patrol.figures.counting`. One pass, for the moments of a case
-- lie close together, and there are few different rows. Of the grids :codes (NULL: all that the viewer is shown)
-- and of :source, :category and :department (NULL: any).
--
-- What was reported before an instant and not closed before it stands open then. What is open was never closed,
-- and a case that is not open has a `closed_at` unless it is void or merged.
--
-- What is on hold since before it was due is not due: its clock stands still, and when it is due is known once the
-- hold is over. What was on hold at an edge is `held`.
SELECT key, reported, dispatched, due, handled, closed,
    count(*) AS cases,
    count(*) FILTER (WHERE is_filed) AS filed,
    count(*) FILTER (WHERE state = 'merged') AS repeated,
    count(*) FILTER (WHERE state IN ('void', 'merged')) AS dropped,
    count(*) FILTER (WHERE returns > 0) AS returned,
    count(*) FILTER (WHERE returns <= wrong_returns) AS dispatched_right,
    count(*) FILTER (WHERE in_time) AS in_time,
    count(*) FILTER (WHERE in_time OR exempt) AS excused,
    count(*) FILTER (WHERE extensions > 0) AS extended,
    count(*) FILTER (WHERE rework = 0 AND cycle = 1 AND wrong_returns = 0) AS first_time,
    count(*) FILTER (WHERE rework > 0) AS reworked,
    count(rating) AS rated,
    count(*) FILTER (WHERE rating = 'satisfied') AS satisfied,
    count(*) FILTER (WHERE tier IS DISTINCT FROM 'county') AS local
FROM (
    SELECT
        coalesce(CASE CAST(:by AS text)
            WHEN 'grid' THEN grid_code WHEN 'staff' THEN CAST(owner_staff_id AS text)
            WHEN 'category' THEN category WHEN 'source' THEN source
            WHEN 'department' THEN department
        END, '') AS key,
        width_bucket(reported_at, CAST(:edges AS timestamptz[])) AS reported,
        width_bucket(dispatched_at, CAST(:edges AS timestamptz[])) AS dispatched,
        width_bucket(
            CASE WHEN held_at < due_at THEN NULL ELSE due_at END, CAST(:edges AS timestamptz[])
        ) AS due,
        width_bucket(coalesce(handled_at, closed_at), CAST(:edges AS timestamptz[])) AS handled,
        width_bucket(closed_at, CAST(:edges AS timestamptz[])) AS closed,
        state, returns, wrong_returns, extensions, rework, cycle, rating, tier, exempt,
        filed_at IS NOT NULL OR state = 'closed' AS is_filed,
        handled_at <= due_at AS in_time
    FROM cases
    WHERE (
            reported_at >= :since AND reported_at < :until
            OR dispatched_at >= :since AND dispatched_at < :until
            OR due_at >= :since AND due_at < :until
            OR closed_at >= :since AND reported_at < :until
            OR open AND reported_at < :until
        )
        AND (CAST(:codes AS text[]) IS NULL OR grid_code = ANY(:codes))
        AND (CAST(:source AS text) IS NULL OR source = :source)
        AND (CAST(:category AS text) IS NULL OR category = :category)
        AND (CAST(:department AS text) IS NULL OR department = :department)
) AS placed
GROUP BY key, reported, dispatched, due, handled, closed;

-- held
-- How many of the cases were on hold at each of the edges (most holds lie between two), and how many of these the
-- statement above has as overdue then, for they were late when they were put on hold. A statement of its own: with
-- the few holds joined to it the other would take twice as long.
SELECT
    coalesce(CASE CAST(:by AS text)
        WHEN 'grid' THEN grid_code WHEN 'staff' THEN CAST(owner_staff_id AS text)
        WHEN 'category' THEN category WHEN 'source' THEN source
        WHEN 'department' THEN department
    END, '') AS key,
    edge AS at, count(*) AS on_hold,
    count(*) FILTER (WHERE due_at < edge AND (held_at < due_at) IS NOT TRUE) AS late
FROM case_holds
JOIN unnest(CAST(:edges AS timestamptz[])) AS edge
    ON began_at < edge AND (ended_at >= edge OR ended_at IS NULL)
JOIN cases ON cases.id = case_holds.case_id
WHERE began_at < :until AND (ended_at >= :since OR ended_at IS NULL)
    AND width_bucket(began_at, CAST(:edges AS timestamptz[]))
        < width_bucket(coalesce(ended_at, :until), CAST(:edges AS timestamptz[]))
    AND state NOT IN ('void', 'merged')
    AND (CAST(:codes AS text[]) IS NULL OR grid_code = ANY(:codes))
    AND (CAST(:source AS text) IS NULL OR source = :source)
    AND (CAST(:category AS text) IS NULL OR category = :category)
    AND (CAST(:department AS text) IS NULL OR department = :department)
GROUP BY key, edge;

-- handling
-- How long the handling of cases took that were closed between the edges; without a `part` of all of them, for
-- a median does not add up.
SELECT part, count(*) AS handled,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY handling_s) AS handling_median,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY handling_s) AS handling_p90
FROM (
    SELECT width_bucket(closed_at, CAST(:edges AS timestamptz[])) AS part,
        CAST(extract(epoch FROM handled_at - dispatched_at) AS float8) AS handling_s
    FROM cases
    WHERE closed_at >= :since AND closed_at < :until
        AND handled_at IS NOT NULL AND dispatched_at IS NOT NULL
        AND (CAST(:codes AS text[]) IS NULL OR grid_code = ANY(:codes))
        AND (CAST(:source AS text) IS NULL OR source = :source)
        AND (CAST(:category AS text) IS NULL OR category = :category)
        AND (CAST(:department AS text) IS NULL OR department = :department)
) AS took
GROUP BY GROUPING SETS ((part), ());

-- duty
-- Duty counts to when it began, and the fixes of a working day to the duty that began on it: whoever is on
-- the way at midnight is still in the day before (`gis.work_day`). Of units at home in the grids, or those
-- of :staff_id where that is given.
SELECT key, part, sum(on_duty_s) / 60.0 AS on_duty_min, sum(least(on_duty_s, online_s)) / 60.0 AS online_min
FROM (
    SELECT
        CASE CAST(:by AS text)
            WHEN 'grid' THEN coalesce(units.grid_code, '')
            WHEN 'staff' THEN coalesce(CAST(units.staff_id AS text), '')
            ELSE ''
        END AS key,
        width_bucket(shifts.began_at, CAST(:edges AS timestamptz[])) AS part,
        shifts.on_duty_s,
        coalesce(unit_days.moving_s + unit_days.stopped_s, 0) AS online_s
    FROM (
        SELECT unit_id, CAST(began_at AT TIME ZONE 'Asia/Shanghai' AS date) AS day,
            min(began_at) AS began_at,
            CAST(sum(extract(
                epoch FROM greatest(coalesce(ended_at, least(:until, CAST(:now AS timestamptz))), began_at)
                    - began_at
            )) AS float8) AS on_duty_s
        FROM duty_sessions
        WHERE began_at >= :since AND began_at < :until
        GROUP BY 1, 2
    ) AS shifts
    JOIN units ON units.id = shifts.unit_id
    LEFT JOIN unit_days ON unit_days.unit_id = shifts.unit_id AND unit_days.day = shifts.day
    WHERE (CAST(:codes AS text[]) IS NULL OR units.grid_code = ANY(:codes))
        AND (CAST(:staff_id AS bigint) IS NULL OR units.staff_id = :staff_id)
) AS counted
GROUP BY key, part;

-- rounds
SELECT key, part, sum(required) AS required, sum(reached) AS reached
FROM (
    SELECT
        CASE CAST(:by AS text) WHEN 'grid' THEN patrol_plans.grid_code ELSE '' END AS key,
        width_bucket(round_results.ends_at, CAST(:edges AS timestamptz[])) AS part,
        required, reached
    FROM round_results
    JOIN patrol_plans ON patrol_plans.id = round_results.plan_id
    WHERE round_results.ends_at >= :since AND round_results.ends_at < :until
        AND (CAST(:codes AS text[]) IS NULL OR patrol_plans.grid_code = ANY(:codes))
) AS counted
GROUP BY key, part;
