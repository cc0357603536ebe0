Facts of a unit's day. Parameters are psycopg's; those that are columns are arrays.

-- store_segments
-- `geom` is EWKB.
INSERT INTO track_segments (unit_id, day, from_at, to_at, fixes, length_m, max_speed_mps, geom)
SELECT %(unit_id)s, %(day)s, from_at, to_at, fixes, length_m, max_speed_mps, ST_GeomFromEWKB(geom)
FROM unnest(
    %(from_at)s::timestamptz[], %(to_at)s::timestamptz[], %(fixes)s::integer[], %(length_m)s::float8[],
    %(max_speed_mps)s::float8[], %(geom)s::bytea[]
) AS given (from_at, to_at, fixes, length_m, max_speed_mps, geom)
ON CONFLICT (unit_id, from_at) DO UPDATE SET
    day = excluded.day, to_at = excluded.to_at, fixes = excluded.fixes, length_m = excluded.length_m,
    max_speed_mps = excluded.max_speed_mps, geom = excluded.geom;

-- store_trips
INSERT INTO trips (unit_id, day, from_at, to_at, length_m)
SELECT %(unit_id)s, %(day)s, * FROM unnest(
    %(from_at)s::timestamptz[], %(to_at)s::timestamptz[], %(length_m)s::float8[]
)
ON CONFLICT (unit_id, from_at) DO UPDATE SET
    day = excluded.day, to_at = excluded.to_at, length_m = excluded.length_m;

-- store_stops
INSERT INTO stops (unit_id, day, from_at, to_at, lon, lat)
SELECT %(unit_id)s, %(day)s, * FROM unnest(
    %(from_at)s::timestamptz[], %(to_at)s::timestamptz[], %(lon)s::float8[], %(lat)s::float8[]
)
ON CONFLICT (unit_id, from_at) DO UPDATE SET
    day = excluded.day, to_at = excluded.to_at, lon = excluded.lon, lat = excluded.lat;

-- store_gaps
INSERT INTO gaps (unit_id, day, from_at, to_at)
SELECT %(unit_id)s, %(day)s, * FROM unnest(%(from_at)s::timestamptz[], %(to_at)s::timestamptz[])
ON CONFLICT (unit_id, from_at) DO UPDATE SET day = excluded.day, to_at = excluded.to_at;

-- store_visits
INSERT INTO visits (unit_id, day, from_at, to_at, grid_id, fixes)
SELECT %(unit_id)s, %(day)s, * FROM unnest(
    %(from_at)s::timestamptz[], %(to_at)s::timestamptz[], %(grid_id)s::bigint[], %(fixes)s::integer[]
)
ON CONFLICT (unit_id, from_at) DO UPDATE SET
    day = excluded.day, to_at = excluded.to_at, grid_id = excluded.grid_id, fixes = excluded.fixes;
