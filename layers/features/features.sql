The features of a layer. What stands in braces is filled in from the catalog (layers.features.reading), never
from a request. Inside, `feature` is a row of the layer's relation; outside, it has the layer's fields, with
`"$key"` and `"$geometry"` (EPSG:4326), which no field is called.

-- page
-- In the order of the key, which is how a page begins where the one before ended.
SELECT "$key", {names}, {geometry} AS "$geometry"
FROM (
    SELECT {key} AS "$key", {fields}, {wgs84} AS "$geometry"
    FROM {relation} AS feature
    WHERE {condition} AND {near} AND {after} AND {named}
) AS feature
WHERE {filter}
ORDER BY "$key"
LIMIT %(limit)s OFFSET %(offset)s;

-- extent
-- West, south, east, north in degrees of what the layer shows now.
SELECT ST_XMin(box), ST_YMin(box), ST_XMax(box), ST_YMax(box)
FROM (SELECT ST_Extent({wgs84}) AS box FROM {relation} AS feature WHERE {condition}) AS extent;
