Readings that were kept long enough. Parameters are SQLAlchemy's.

-- try_lock
-- One process at a time, until the transaction ends.
SELECT pg_try_advisory_xact_lock(hashtext('wangge retention of readings'));

-- expired
-- The sensors that have readings to drop: those from before `since`, which is `before`, or earlier where a
-- sensor was last heard not long after it or something was exceeded then.
SELECT kept.sensor_id, kept.since, old.readings
FROM (
    SELECT
        sensor.id AS sensor_id,
        least(
            CAST(:before AS timestamptz),
            (
                SELECT max(reading.at) - CAST(:longest_wait AS interval)
                FROM sensor_readings AS reading WHERE reading.sensor_id = sensor.id
            ),
            (
                SELECT min(exceedance.begun_at) FROM sensor_exceedances AS exceedance
                WHERE exceedance.sensor_id = sensor.id AND exceedance.withdrawn_at IS NULL
                    AND coalesce(exceedance.ended_at, 'infinity') >= :before
            )
        ) AS since
    FROM sensors AS sensor
) AS kept
CROSS JOIN LATERAL (
    SELECT count(*) AS readings FROM sensor_readings AS reading
    WHERE reading.sensor_id = kept.sensor_id AND reading.at < kept.since
) AS old
WHERE old.readings > 0
ORDER BY kept.sensor_id;

-- drop
-- At most `count` of the readings of each of `sensor_ids` from before its instant of `sinces`.
DELETE FROM sensor_readings USING (
    SELECT reading.sensor_id, reading.at
    FROM unnest(CAST(:sensor_ids AS bigint[]), CAST(:sinces AS timestamptz[])) AS kept (sensor_id, since)
    CROSS JOIN LATERAL (
        SELECT sensor_id, at FROM sensor_readings
        WHERE sensor_readings.sensor_id = kept.sensor_id AND sensor_readings.at < kept.since
    ) AS reading
    LIMIT :count
) AS old
WHERE sensor_readings.sensor_id = old.sensor_id AND sensor_readings.at = old.at;
