"""Adding layers: from a file that was read, or from a table or view of the database."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import shapely
from sqlalchemy import Connection, delete, insert, select, text, update

from data.files import FeatureFile
from data.schema import layer_features, layer_versions, layers
from data.sql import load_sql
from gis.errors import Conflict, InvalidInput
from layers.catalog.built_in import BUILT_IN
from layers.catalog.catalog import find_layer
from layers.catalog.layer import FieldType, GeometryKind, Layer, LayerSource, Title
from layers.catalog.views import ViewFound

MOST_FEATURES = 1_000_000
_ID = re.compile(r"[a-z][a-z0-9_-]{0,47}", re.ASCII)
_RESERVED = frozenset(
    {"catalog", *(name for layer in BUILT_IN.values() for name in layer.sublayers)}
)
_PARTITION = load_sql("layers.catalog", "adding.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class LayerDraft:
    """What whoever adds a layer says of it. Without a style the page chooses one."""

    id: str
    title: Title
    permission: str = "read_layers"
    style: Mapping[str, Any]
    minzoom: int = 0
    maxzoom: int = 16


def check_id(layer_id: str) -> None:
    """Raises InvalidInput for what cannot be a layer's id, and Conflict for one that every installation
    has."""
    if not _ID.fullmatch(layer_id):
        raise InvalidInput(
            f"{layer_id[:60]!r} is no id of a layer: it begins with a small letter, and up to 47 small "
            "letters, digits, - and _ follow.",
            field="id",
        )
    if layer_id in BUILT_IN or layer_id in _RESERVED:
        raise Conflict(
            f"{layer_id} is the name of a layer that every installation has.", field="id"
        )


def add_from_file(
    conn: Connection,
    draft: LayerDraft,
    file: FeatureFile,
    *,
    label: str,
    account_id: int | None,
) -> Layer:
    """Add a layer with the features of a file (EPSG:4326). Raises Conflict when the id is taken."""
    fields = _fields_of(file)
    _insert(
        conn,
        draft,
        geometry=_geometry_of(file),
        fields=fields,
        account_id=account_id,
        source={"file": label, "source_crs": file.crs},
    )
    conn.execute(text(_PARTITION["make"]), {"layer": draft.id})
    _write_features(conn, draft.id, file, fields)
    return find_layer(conn, draft.id)


def replace_features(conn: Connection, layer_id: str, file: FeatureFile, *, label: str) -> Layer:
    """Put the features of another file in the place of those of a layer from a file, in one transaction.

    Raises NotFound, and Conflict for a layer that is from no file.
    """
    layer = find_layer(conn, layer_id)
    if layer.source is not LayerSource.FILE:
        raise Conflict(f"Layer {layer_id} is not from a file, so no file replaces it.", field="id")
    fields = _fields_of(file)
    conn.execute(
        update(layers)
        .where(layers.c.id == layer_id)
        .values(
            geometry=_geometry_of(file),
            fields=_as_json(fields),
            file=label,
            source_crs=file.crs,
        )
    )
    conn.execute(delete(layer_features).where(layer_features.c.layer_id == layer_id))
    _write_features(conn, layer_id, file, fields)
    return find_layer(conn, layer_id)


def add_from_view(
    conn: Connection, draft: LayerDraft, found: ViewFound, *, account_id: int | None
) -> Layer:
    """Add a layer that shows a table or view. Raises Conflict when the id is taken."""
    _insert(
        conn,
        draft,
        geometry=found.geometry,
        fields=found.fields,
        account_id=account_id,
        source={
            "relation": found.name,
            "key": found.key,
            "key_is_number": found.key_is_number,
            "geometry_column": found.geometry_column,
            "srid": found.srid,
        },
    )
    return find_layer(conn, draft.id)


def change_layer(
    conn: Connection,
    layer_id: str,
    *,
    title: Title | None = None,
    permission: str | None = None,
    style: Mapping[str, Any] | None = None,
) -> Layer:
    """Change what a layer that somebody added is called, who may see it, or how it is drawn."""
    layer = _added(conn, layer_id)
    title = title or layer.title
    conn.execute(
        update(layers)
        .where(layers.c.id == layer_id)
        .values(
            title_zh=title.zh,
            title_en=title.en,
            permission=permission or layer.permission,
            style=dict(layer.style if style is None else style),
        )
    )
    return find_layer(conn, layer_id)


def remove_layer(conn: Connection, layer_id: str) -> Layer:
    """Forget a layer that somebody added, with its features; a table or view itself stays."""
    layer = _added(conn, layer_id)
    if layer.source is LayerSource.FILE:
        conn.execute(text(_PARTITION["drop"]), {"layer": layer_id})
        # Tiles of another layer that is called so some day must not be taken for this one's.
        conn.execute(
            update(layer_versions)
            .where(layer_versions.c.layer == layer_id)
            .values(version=layer_versions.c.version + 1)
        )
    conn.execute(delete(layers).where(layers.c.id == layer_id))
    return layer


def _added(conn: Connection, layer_id: str) -> Layer:
    layer = find_layer(conn, layer_id)
    if layer.source is LayerSource.BUILT_IN:
        raise Conflict(
            f"Layer {layer_id} is one that every installation has; it stays as it is.", field="id"
        )
    return layer


def _insert(
    conn: Connection,
    draft: LayerDraft,
    *,
    geometry: GeometryKind,
    fields: Mapping[str, FieldType],
    account_id: int | None,
    source: Mapping[str, object],
) -> None:
    check_id(draft.id)
    if conn.scalar(select(layers.c.id).where(layers.c.id == draft.id)) is not None:
        raise Conflict(
            f"There is a layer {draft.id} already; take another id, or replace its features.",
            field="id",
        )
    conn.execute(
        insert(layers).values(
            id=draft.id,
            title_zh=draft.title.zh,
            title_en=draft.title.en,
            geometry=geometry,
            fields=_as_json(fields),
            style=dict(draft.style),
            minzoom=draft.minzoom,
            maxzoom=draft.maxzoom,
            permission=draft.permission,
            created_by_account_id=account_id,
            **source,
        )
    )


def _as_json(fields: Mapping[str, FieldType]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in fields.items()]


def _geometry_of(file: FeatureFile) -> GeometryKind:
    dimensions = set(shapely.get_dimensions([each.geometry for each in file.features]).tolist())
    kinds: dict[int, GeometryKind] = {0: "point", 1: "line", 2: "polygon"}
    return kinds[dimensions.pop()] if len(dimensions) == 1 and dimensions <= set(kinds) else "mixed"


def _fields_of(file: FeatureFile) -> dict[str, FieldType]:
    """Numbers where all values are numbers, truths where all are, otherwise texts."""
    return {
        name: _type_of(feature.properties.get(name) for feature in file.features)
        for name in file.fields
    }


def _type_of(values: Iterable[object]) -> FieldType:
    kinds = Counter(type(value) for value in values if value is not None)
    if kinds and set(kinds) == {bool}:
        return FieldType.BOOLEAN
    if kinds and set(kinds) <= {int, float}:
        return FieldType.NUMBER
    return FieldType.STRING


def _write_features(
    conn: Connection, layer_id: str, file: FeatureFile, fields: Mapping[str, FieldType]
) -> None:
    if len(file.features) > MOST_FEATURES:
        raise InvalidInput(
            f"The file has {len(file.features):,} features; a layer holds {MOST_FEATURES:,}.",
            field="files",
        )
    driver: Any = conn.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(_PARTITION["copy"]) as copy:
        copy.set_types(["text", "text", "text"])
        for feature in file.features:
            row = {
                name: _value(kind, feature.properties.get(name)) for name, kind in fields.items()
            }
            copy.write_row((layer_id, orjson.dumps(row).decode(), _hex(feature.geometry)))


def _value(kind: FieldType, value: object) -> object:
    if value is None or kind is not FieldType.STRING or isinstance(value, str):
        return value.replace("\0", "") if isinstance(value, str) else value
    return (
        orjson.dumps(value, default=str).decode() if isinstance(value, (dict, list)) else str(value)
    )


def _hex(geometry: shapely.Geometry) -> str:
    return shapely.to_wkb(
        shapely.set_srid(shapely.force_2d(geometry), 4326), hex=True, include_srid=True
    )
