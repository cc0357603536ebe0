The basemap's rows.

-- no_other_writer
-- Readers go on. Two who replace the same source at once would both find the old rows gone.
LOCK TABLE basemap_features IN SHARE ROW EXCLUSIVE MODE;

-- copy
COPY basemap_features (source, kind, class, name, geom) FROM STDIN;
