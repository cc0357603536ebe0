Cases in the database. Parameters are SQLAlchemy's.

-- next_number
-- Counts one more case of the day. Whoever comes second waits until the first has committed.
INSERT INTO case_numbers (day, last) VALUES (:day, 1)
ON CONFLICT (day) DO UPDATE SET last = case_numbers.last + 1
RETURNING last, nextval(pg_get_serial_sequence('cases', 'id')) AS id;

-- insert_events
-- Whoever listens to `cases` is told of each case once, when the transaction commits.
WITH event AS (
    SELECT * FROM jsonb_to_recordset(CAST(:events AS jsonb)) AS event (
        case_id bigint, seq integer, action text, from_state text, to_state text,
        actor_account_id bigint, actor text, note text, details jsonb, at timestamptz
    )
),
written AS (
    INSERT INTO case_events (
        case_id, seq, action, from_state, to_state, actor_account_id, actor, note, details, at
    )
    SELECT
        case_id, seq, action, from_state, to_state, actor_account_id, actor, note, details, at
    FROM event
)
SELECT pg_notify('cases', jsonb_build_object('id', case_id)::text)
FROM (SELECT DISTINCT case_id FROM event) AS changed;

-- grid_codes_below
-- The grid and everything under it, in whatever edition: a closed case keeps the grid it had, and
-- codes are never used again for another place.
WITH RECURSIVE below (code) AS (
    SELECT grids.code FROM grids WHERE grids.code = :code
    UNION
    SELECT grids.code FROM below JOIN grids ON grids.parent_code = below.code
)
SELECT code FROM below;

-- is_near_the_grids
-- Whether a place (EPSG:4326) is within :within_m metres of any grid of an edition.
SELECT EXISTS (
    SELECT FROM grids
    WHERE edition_id = :edition_id AND ST_DWithin(
        geom::geography, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)::geography, :within_m
    )
);

-- nearest_units
-- The units among :unit_ids that were last seen nearest to a place, at most :within_m away, as far as
-- the scope reaches.
SELECT units.code AS unit, units.name, units.role, away.distance_m,
    CAST(
        greatest(extract(epoch FROM CAST(:at AS timestamptz) - positions.at), 0) AS double precision
    ) AS age_s,
    positions.accuracy_m
FROM positions
JOIN units ON units.id = positions.unit_id
CROSS JOIN LATERAL (
    SELECT ST_DistanceSphere(
        ST_MakePoint(positions.lon, positions.lat), ST_MakePoint(:lon, :lat)
    ) AS distance_m
) AS away
WHERE units.id = ANY(:unit_ids) AND away.distance_m <= :within_m
    AND (CAST(:scope AS text[]) IS NULL OR units.grid_code = ANY(:scope))
ORDER BY away.distance_m, units.code
LIMIT :count;

-- duplicates
-- Among the open cases of two days; the partial index holds few, and no index on geometry is used under
-- row-level security. Not those of which somebody has said that they and :but_not are two.
SELECT id, number, state, reported_at, distance_m
FROM cases
CROSS JOIN LATERAL (
    SELECT ST_Distance(geom::geography, ST_MakePoint(:lon, :lat)::geography) AS distance_m
) AS away
WHERE open AND category = :category AND reported_at BETWEEN :since AND :until
    AND distance_m <= :near_m AND id IS DISTINCT FROM CAST(:but_not AS bigint)
    AND NOT EXISTS (
        SELECT FROM distinct_cases AS said
        WHERE said.lower_case_id = least(id, CAST(:but_not AS bigint))
            AND said.higher_case_id = greatest(id, CAST(:but_not AS bigint))
    )
ORDER BY distance_m, id
LIMIT :count;

-- complaints_before
SELECT complaints_before(:id, :category, :at, :since, :lon, :lat, :near_m, CAST(:mobile AS text));

-- workload
SELECT staff_id, open, overdue FROM workload(CAST(:staff_ids AS bigint[]), :at);
