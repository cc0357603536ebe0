The features of a layer. What stands in braces is filled in from the catalog (layers.features.reading), never
from a request. Inside, `feature` is a row of the layer's relation; outside, `key` tells it from others, `f0`,
`f1` and so on are its fields in the catalog's order, and `geom` is its geometry in EPSG:4326.

-- page
-- In the order of the key, which is how a page begins where the one before ended.
SELECT key, {names}, {geometry} AS shape
FROM (
    SELECT {key} AS key, {fields}, {wgs84} AS geom
    FROM {relation} AS feature
    WHERE {condition} AND {near} AND {after} AND {named}
) AS feature
WHERE {filter}
ORDER BY key
LIMIT %(limit)s OFFSET %(offset)s;

-- extent
-- West, south, east, north in degrees of what the layer shows now.
SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
FROM (SELECT ST_Extent({wgs84}) AS box FROM {relation} AS feature WHERE {condition}) AS extent;
