Outlines of grids for tiles of low zooms; see data/editions/outlines.py.

-- grids
SELECT id, level, ST_AsBinary(geom_3857) AS wkb FROM grids WHERE edition_id = :edition ORDER BY id;

-- forget
DELETE FROM grid_outlines USING grids
WHERE grids.id = grid_outlines.grid_id AND grids.edition_id = :edition;

-- write
INSERT INTO grid_outlines (grid_id, zoom, geom_3857)
SELECT outline.id, :zoom, ST_GeomFromWKB(outline.wkb, 3857)
FROM unnest(CAST(:ids AS bigint[]), CAST(:wkbs AS bytea[])) AS outline (id, wkb);
