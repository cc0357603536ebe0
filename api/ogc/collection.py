"""A layer as TiPg's collection, read for one caller."""

from dataclasses import replace
from typing import Any

import orjson
import shapely
from anyio import to_thread
from pydantic import ConfigDict, PrivateAttr
from tipg.collections import Collection, Column, ItemList

from api.access import Caller
from api.cell_layers import read_rows
from api.context import Services
from api.layer_access import reason_for
from data.audit import record_look
from gis.errors import InvalidInput, NotFound
from layers.catalog import FieldType, Layer
from layers.features.cql import GEOMETRY, condition_of
from layers.features.reading import BBox, Feature, FeaturePage, FeatureQuery, read_page
from layers.selection import read_selection

_TYPES = {
    FieldType.STRING: "text",
    FieldType.NUMBER: "double precision",
    FieldType.BOOLEAN: "boolean",
    FieldType.INSTANT: "timestamptz",
}
_GEOMETRIES = {
    "point": "Point",
    "line": "LineString",
    "polygon": "MultiPolygon",
    "mixed": "Geometry",
}


class LayerCollection(Collection):
    """What TiPg asks of a collection, for a layer and whoever looks at it."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    _layer: Layer = PrivateAttr()
    _caller: Caller = PrivateAttr()
    _services: Services = PrivateAttr()

    @classmethod
    def of(
        cls, layer: Layer, caller: Caller, services: Services, extent: BBox | None
    ) -> "LayerCollection":
        """`extent` is where the layer has something, as far as the caller may see."""
        shape = Column(
            name=GEOMETRY,
            type="geometry",
            geometry_type=_GEOMETRIES[layer.geometry],
            srid=4326,
            bounds=[-180, -90, 180, 90] if extent is None else list(extent),
        )
        fields = [Column(name=name, type=_TYPES[kind]) for name, kind in layer.fields.items()]
        begins = layer.validity and Column(name=layer.validity.begins, type="timestamptz")
        collection = cls(
            type="Table",
            id=layer.id,
            table=layer.id,
            title=layer.title.zh,
            description=layer.title.en,
            table_columns=[*fields, shape, *([begins] if begins else [])],
            properties=[*fields, shape],
            id_column=Column(name="id", type="text"),
            geometry_column=shape,
            datetime_column=begins or None,
        )
        collection._layer = layer
        collection._caller = caller
        collection._services = services
        return collection

    async def features(self, _conn: object, **wanted: Any) -> ItemList:
        """Without TiPg's connection: the layer is read as everything else is."""
        return await to_thread.run_sync(lambda: self._features(**wanted))

    async def get_tile(self, _conn: object, **_wanted: Any) -> bytes:
        raise NotFound("Tiles are at /api/v1/tiles.")

    def _features(
        self,
        *,
        ids_filter: list[str] | None = None,
        bbox_filter: list[float] | None = None,
        datetime_filter: list[str] | None = None,
        properties_filter: list[tuple[str, str]] | None = None,
        cql_filter: str | None = None,
        sortby: str | None = None,
        properties: list[str] | None = None,
        limit: int = 10,
        offset: int | None = None,
        geom: str | None = None,
        geom_as_wkt: bool = False,
        bbox_only: bool | None = None,
        simplify: float | None = None,
        **_of_functions: object,
    ) -> ItemList:
        for name, value in (("sortby", sortby), ("bbox-only", bbox_only), ("simplify", simplify)):
            if value:
                raise InvalidInput(f"{name} is not offered here; leave it out.", field=name)
        layer = self._layer
        when = None if datetime_filter is None else "/".join(datetime_filter)
        selection = read_selection(layer, when=when, values=properties_filter or ())
        why = reason_for(layer, selection, None)
        query = FeatureQuery(
            selection=selection,
            bbox=None if bbox_filter is None else _box(*bbox_filter),
            limit=limit,
            offset=offset or 0,
            keys=None if ids_filter is None else tuple(map(self._key, ids_filter)),
            condition=None if cql_filter is None else condition_of(layer, cql_filter),
        )
        with self._services.database.begin(self._caller.viewer) as connection:
            rows = read_rows(connection, layer, selection, self._caller, self._services)
            query = replace(query, rows=rows)
            page = read_page(connection, layer, query, as_wkb=geom_as_wkt)
            if layer.is_audited:
                details = {"datetime": when, "bbox": bbox_filter}
                who, subject = self._caller.who, f"layer {layer.id}"
                record_look(connection, who, "layer.read", subject, reason=why, details=details)
        return self._items(page, query, properties, with_geometry=geom != "none")

    def _key(self, text: str) -> int | str:
        if self._layer.relation.key_is_number:
            if not text.isdecimal() or int(text) >= 2**63:
                raise NotFound(
                    f"Layer {self._layer.id} has no feature {text[:40]!r}.", field="itemId"
                )
            return int(text)
        return text

    def _items(
        self,
        page: FeaturePage,
        query: FeatureQuery,
        properties: list[str] | None,
        *,
        with_geometry: bool,
    ) -> ItemList:
        chosen = [name for name in self._layer.fields if properties is None or name in properties]
        before = query.offset - query.limit
        return ItemList(
            items=[
                {
                    "type": "Feature",
                    "id": feature.key,
                    "geometry": _shape(feature) if with_geometry else None,
                    "properties": {name: feature.properties[name] for name in chosen},
                }
                for feature in page.features
            ],
            matched=None,  # counting them would read them all
            next=None if page.next_key is None else query.offset + len(page.features),
            prev=max(before, 0) if query.offset else None,
        )


def _shape(feature: Feature) -> Any:
    if isinstance(feature.geometry, bytes):
        return shapely.from_wkb(feature.geometry).wkt
    return orjson.loads(feature.geometry)


def _box(west: float, south: float, east: float, north: float) -> BBox:
    return west, south, east, north
