What stands or happened somewhere, in the order of its number or code.

-- open_cases
SELECT id, number AS name, ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM cases WHERE open ORDER BY number;

-- cameras
SELECT id, name, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM cameras ORDER BY code;

-- facilities
SELECT id, name, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM facilities ORDER BY code;
