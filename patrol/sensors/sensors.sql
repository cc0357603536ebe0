Sensors and their readings. Parameters are SQLAlchemy's.

-- store
-- Readings that were not there yet. Gives those that were stored.
INSERT INTO sensor_readings (sensor_id, at, quantities)
SELECT sensor_id, at, quantities
FROM unnest(CAST(:sensor_ids AS bigint[]), CAST(:ats AS timestamptz[]), CAST(:quantities AS jsonb[]))
    AS reading (sensor_id, at, quantities)
ON CONFLICT DO NOTHING
RETURNING sensor_id, at;

-- series
-- A quantity of a sensor from the last reading before `since` that is clear (or the first that the rule is
-- about) to the first after `until` that is. Each of the two is looked for from where it is near, along the
-- index, so that it does not matter how much a sensor has measured.
WITH reading AS NOT MATERIALIZED (
    SELECT at, CAST(quantities ->> :quantity AS double precision) AS value
    FROM sensor_readings
    WHERE sensor_id = :sensor_id AND at >= :valid_from AND jsonb_exists(quantities, :quantity)
),
clear AS NOT MATERIALIZED (
    SELECT at FROM reading
    WHERE CASE WHEN :above THEN value <= :clears_at ELSE value >= :clears_at END
)
SELECT at, value FROM reading
WHERE at >= coalesce(
        (SELECT at FROM clear WHERE at < :since ORDER BY at DESC LIMIT 1), '-infinity'
    )
    AND at <= coalesce((SELECT at FROM clear WHERE at > :until ORDER BY at LIMIT 1), 'infinity')
ORDER BY at;

-- states
-- Sensors by code, with their newest reading and whether something is exceeded. `state` is alarm, silent
-- (nothing heard for so long that somebody should look), normal, or never (nothing heard at all).
SELECT * FROM (
    SELECT
        sensor.code, sensor.kind, sensor.name, sensor.properties, sensor.silent_after_s,
        ST_X(sensor.geom) AS lon, ST_Y(sensor.geom) AS lat,
        newest.at, newest.quantities,
        coalesce(newest.at < :now - sensor.silent_after_s * interval '1 second', false) AS is_silent,
        CASE
            WHEN EXISTS (
                SELECT FROM sensor_exceedances AS exceedance
                WHERE exceedance.sensor_id = sensor.id
                    AND exceedance.ended_at IS NULL AND exceedance.withdrawn_at IS NULL
            ) THEN 'alarm'
            WHEN newest.at IS NULL THEN 'never'
            WHEN newest.at < :now - sensor.silent_after_s * interval '1 second' THEN 'silent'
            ELSE 'normal'
        END AS state
    FROM sensors AS sensor
    LEFT JOIN LATERAL (
        SELECT at, quantities FROM sensor_readings
        WHERE sensor_readings.sensor_id = sensor.id ORDER BY at DESC LIMIT 1
    ) AS newest ON true
    WHERE sensor.retired_at IS NULL
        AND (CAST(:code AS text) IS NULL OR sensor.code = :code)
        AND (CAST(:after AS text) IS NULL OR sensor.code > :after)
        AND (CAST(:kind AS text) IS NULL OR sensor.kind = :kind)
        AND (
            CAST(:west AS float8) IS NULL
            OR sensor.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)
        )
) AS shown
WHERE CAST(:state AS text) IS NULL OR state = :state
ORDER BY code
LIMIT :count;

-- exceedances
-- Of a sensor, the newest first. The case is told to whoever sees it.
SELECT
    exceedance.id, exceedance.begun_at, exceedance.ended_at, exceedance.peak,
    exceedance.withdrawn_at IS NOT NULL AS is_withdrawn,
    rule.name AS rule, rule.quantity, rule.threshold, cases.id AS case_id
FROM sensor_exceedances AS exceedance
JOIN sensors AS sensor ON sensor.id = exceedance.sensor_id
JOIN sensor_rules AS rule ON rule.id = exceedance.rule_id
LEFT JOIN cases ON cases.id = exceedance.case_id
WHERE sensor.code = :code
    AND (CAST(:before AS bigint) IS NULL OR exceedance.id < :before)
ORDER BY exceedance.id DESC
LIMIT :count;
