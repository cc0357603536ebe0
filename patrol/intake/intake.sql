Cases of other systems, and for them. Parameters are SQLAlchemy's.

-- published
-- By the index on the time of the report: who asks for more than a thousand asks for less time.
SELECT
    number, state, category, description, fields, asked, lon, lat, reported_at, due_at,
    (SELECT max(event.at) FROM case_events AS event WHERE event.case_id = cases.id) AS updated_at,
    (
        SELECT photo.id FROM photos AS photo
        WHERE photo.case_id = cases.id AND photo.role = 'after' AND cases.state = 'closed'
        ORDER BY photo.seq DESC, photo.ordinal
        LIMIT 1
    ) AS photo_id
FROM cases
WHERE source = ANY(:sources) AND category = ANY(:categories)
    AND (CAST(:numbers AS text[]) IS NULL OR number = ANY(CAST(:numbers AS text[])))
    AND (CAST(:since AS timestamptz) IS NULL OR reported_at >= :since)
    AND (CAST(:until AS timestamptz) IS NULL OR reported_at <= :until)
    AND (CAST(:is_open AS boolean) IS NULL OR open = :is_open)
ORDER BY reported_at DESC, id DESC
LIMIT :count;

-- next_numbers
-- As `next_number` of the cases, for many at once.
WITH counted AS (
    INSERT INTO case_numbers (day, last) VALUES (:day, :count)
    ON CONFLICT (day) DO UPDATE SET last = case_numbers.last + :count
    RETURNING last
)
SELECT nextval(pg_get_serial_sequence('cases', 'id')) AS id, counted.last - :count + nth AS number
FROM counted CROSS JOIN generate_series(1, :count) AS nth
ORDER BY nth;

-- duplicate_pairs
-- Cases that may be about the same: of one category, and called the same in the system they came from, near
-- in place and time, of which nobody has said that they are two. Each pair once, the earlier first, from behind
-- a pair on. The earlier ones are walked in their order, so that a page is found once its last pair is. Under
-- row-level security the index on category, time and latitude takes only bounds that are worked out before, for
-- what adds and subtracts is not leakproof; and the planner, which takes what a viewer sees for little, would sort
-- first and hash all cases of a category (OFFSET 0: it is to walk, and to look for each).
SELECT
    earlier.id AS first_id, earlier.number AS first_number, earlier.state AS first_state,
    earlier.external_number AS first_external_number, earlier.reported_at AS first_at,
    later.id AS second_id, later.number AS second_number, later.state AS second_state,
    later.external_number AS second_external_number, later.reported_at AS second_at,
    earlier.category, earlier.external_category, apart.distance_m
FROM (
    SELECT
        id, number, state, external_number, reported_at, category, external_category, geom,
        reported_at + CAST(:within AS interval) AS until,
        lat - CAST(:near_lat AS double precision) AS south,
        lat + CAST(:near_lat AS double precision) AS north
    FROM cases
    WHERE reported_at >= :since AND reported_at < :until AND state NOT IN ('void', 'merged')
    ORDER BY reported_at, id
    OFFSET 0
) AS earlier
CROSS JOIN LATERAL (
    SELECT * FROM cases
    WHERE cases.category = earlier.category
        AND cases.reported_at BETWEEN earlier.reported_at AND earlier.until
        AND (cases.reported_at, cases.id) > (earlier.reported_at, earlier.id)
        AND cases.lat BETWEEN earlier.south AND earlier.north
        AND cases.external_category IS NOT DISTINCT FROM earlier.external_category
        AND cases.state NOT IN ('void', 'merged')
    OFFSET 0
) AS later
CROSS JOIN LATERAL (
    SELECT ST_Distance(earlier.geom::geography, later.geom::geography) AS distance_m
) AS apart
WHERE apart.distance_m <= :near_m
    AND NOT EXISTS (
        SELECT FROM distinct_cases AS said
        WHERE said.lower_case_id = least(earlier.id, later.id)
            AND said.higher_case_id = greatest(earlier.id, later.id)
    )
    AND (earlier.reported_at, earlier.id, later.id) > (:since, :after_first, :after_second)
ORDER BY earlier.reported_at, earlier.id, later.id
LIMIT :count;
