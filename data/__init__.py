"""Everything at rest: PostGIS, the schema, importers, exports and the demo town."""
