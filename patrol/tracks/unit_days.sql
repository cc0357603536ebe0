Days of units in numbers. Parameters are SQLAlchemy's.

-- store_unit_days
-- A day of which fixes were dropped keeps the fuller picture: what is left of them, or a few that come again
-- from a file, do not replace it. A unit that is gone has no days.
INSERT INTO unit_days (
    unit_id, day, fixes, flagged, length_m, moving_s, stopped_s, gap_s, stops, trips, first_at, last_at,
    expired
)
SELECT
    units.id, given.day, given.fixes, given.flagged, given.length_m, given.moving_s, given.stopped_s,
    given.gap_s, given.stops, given.trips, given.first_at, given.last_at, :expired
FROM unnest(
    CAST(:unit_id AS bigint[]), CAST(:day AS date[]), CAST(:fixes AS integer[]),
    CAST(:flagged AS integer[]), CAST(:length_m AS float8[]), CAST(:moving_s AS float8[]),
    CAST(:stopped_s AS float8[]), CAST(:gap_s AS float8[]), CAST(:stops AS integer[]),
    CAST(:trips AS integer[]), CAST(:first_at AS timestamptz[]), CAST(:last_at AS timestamptz[])
) AS given (
    unit_id, day, fixes, flagged, length_m, moving_s, stopped_s, gap_s, stops, trips, first_at, last_at
)
JOIN units ON units.id = given.unit_id
ON CONFLICT (unit_id, day) DO UPDATE SET
    fixes = excluded.fixes, flagged = excluded.flagged, length_m = excluded.length_m,
    moving_s = excluded.moving_s, stopped_s = excluded.stopped_s, gap_s = excluded.gap_s,
    stops = excluded.stops, trips = excluded.trips, first_at = excluded.first_at,
    last_at = excluded.last_at, expired = unit_days.expired OR excluded.expired
WHERE NOT unit_days.expired OR excluded.fixes >= unit_days.fixes;
