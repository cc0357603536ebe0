Where the features of a layer of points are. What stands in braces is filled in from the catalog
(layers.cells.points), never from a request.

-- points
SELECT ST_X(ST_Centroid(geom)), ST_Y(ST_Centroid(geom)), begins
FROM (SELECT {wgs84} AS geom, {begins} AS begins FROM {relation} AS feature WHERE {condition}) AS feature
WHERE NOT ST_IsEmpty(geom) AND {inside}
LIMIT %(most)s;

-- inside
ST_Intersects(geom, ST_GeomFromWKB(%(area)s, 4326))

-- begins
extract(epoch FROM {column})::double precision
