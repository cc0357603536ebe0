Days of units: what is left when their fixes are dropped. Parameters are SQLAlchemy's.

-- store_unit_days
-- A day that was stored before keeps the fuller picture: a few fixes that come again, from a file or
-- after the time to keep them was raised, do not replace it. A unit that is gone has no days.
INSERT INTO unit_days (
    unit_id, day, fixes, flagged, length_m, moving_s, stopped_s, gap_s, stops, first_at, last_at
)
SELECT
    units.id, :day, given.fixes, given.flagged, given.length_m, given.moving_s, given.stopped_s,
    given.gap_s, given.stops, given.first_at, given.last_at
FROM unnest(
    CAST(:unit_id AS bigint[]), CAST(:fixes AS integer[]), CAST(:flagged AS integer[]),
    CAST(:length_m AS float8[]), CAST(:moving_s AS float8[]), CAST(:stopped_s AS float8[]),
    CAST(:gap_s AS float8[]), CAST(:stops AS integer[]), CAST(:first_at AS timestamptz[]),
    CAST(:last_at AS timestamptz[])
) AS given (
    unit_id, fixes, flagged, length_m, moving_s, stopped_s, gap_s, stops, first_at, last_at
)
JOIN units ON units.id = given.unit_id
ON CONFLICT (unit_id, day) DO UPDATE SET
    fixes = excluded.fixes, flagged = excluded.flagged, length_m = excluded.length_m,
    moving_s = excluded.moving_s, stopped_s = excluded.stopped_s, gap_s = excluded.gap_s,
    stops = excluded.stops, first_at = excluded.first_at, last_at = excluded.last_at
WHERE excluded.fixes >= unit_days.fixes;
