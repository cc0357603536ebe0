"""Layers that people add, as their rows say."""

from sqlalchemy import RowMapping

from layers.catalog.layer import FieldType, Layer, LayerSource, Relation, Title


def added_layer(row: RowMapping) -> Layer:
    """The layer of a row of `layers`."""
    relation_name: str | None = row["relation"]
    if relation_name is None:
        source = LayerSource.FILE
        relation = Relation(name="layer_features", document="properties", layer_id=row["id"])
    else:
        source = LayerSource.VIEW
        schema, name = relation_name.split(".", 1)
        relation = Relation(
            name=name,
            schema=schema,
            key=row["key"],
            key_is_number=row["key_is_number"],
            geometry=row["geometry_column"],
            srid=row["srid"],
            projected=None,
        )
    return Layer(
        id=row["id"],
        title=Title(zh=row["title_zh"], en=row["title_en"]),
        geometry=row["geometry"],
        fields={each["name"]: FieldType(each["type"]) for each in row["fields"]},
        relation=relation,
        minzoom=row["minzoom"],
        maxzoom=row["maxzoom"],
        source=source,
        origin=row["file"] or relation_name,
        permission=row["permission"],
        style=row["style"],
        # Nothing tells when what is behind a view changes, nor whether it is the same for everybody.
        is_versioned=source is LayerSource.FILE,
        is_personal=source is LayerSource.VIEW,
    )
