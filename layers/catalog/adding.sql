Features of the layers that people add.

-- make
SELECT make_layer_partition(:layer);

-- drop
SELECT drop_layer_partition(:layer);

-- copy
COPY layer_features (layer_id, properties, geom) FROM STDIN;
