Segments of tracks. Parameters are psycopg's.

-- segments_near
-- In the order of time. `segments_near` has the index, and shows what the viewer may see.
SELECT unit_id, ST_AsBinary(geom)
FROM segments_near(%(west)s, %(south)s, %(east)s, %(north)s, %(since)s, %(until)s)
ORDER BY unit_id, from_at
LIMIT %(most)s;
