Tracks that count for a plan. Parameters are psycopg's.

-- segments_for_plan
-- In the order of time. `segments_for_plan` has the index, and asks whether the viewer may read the plan.
SELECT unit_id, ST_AsBinary(geom)
FROM segments_for_plan(
    %(plan_id)s, %(west)s, %(south)s, %(east)s, %(north)s, %(since)s, %(until)s
)
ORDER BY unit_id, from_at
LIMIT %(most)s;
