"""The town's own files as parts of the basemap."""

from collections.abc import Iterator
from dataclasses import dataclass

import shapely
from shapely.geometry.base import BaseGeometry

from data.basemap.feature import KINDS, BasemapFeature
from data.files import FeatureFile
from gis.errors import InvalidInput, UnreadableFile

_NAMES = ("name:zh", "名称", "NAME_ZH", "name", "NAME", "Name", "MC", "mc")


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnFields:
    """What the features of a file are. `class_field` names the field that says each one's class; one
    that it leaves empty is of `category`. `name_field` as well; without it a usual one is looked for."""

    kind: str
    category: str = ""
    class_field: str | None = None
    name_field: str | None = None


def features_of_file(file: FeatureFile, fields: OwnFields) -> Iterator[BasemapFeature]:
    """Raises InvalidInput for a kind or a field that there is not, UnreadableFile for a geometry that
    the kind cannot have. Of an area that is to be a place its middle is taken."""
    if fields.kind not in KINDS:
        raise InvalidInput(
            f"{fields.kind!r} is no kind; it is one of {', '.join(KINDS)}.", field="kind"
        )
    for field in (fields.class_field, fields.name_field):
        if field is not None and field not in file.fields:
            raise InvalidInput(
                f"{file.path} has no field {field!r}; it has {', '.join(file.fields)}.",
                field="field",
            )
    name_field = fields.name_field or next((each for each in _NAMES if each in file.fields), None)
    for feature in file.features:
        values = feature.properties
        geometry = _fitting(feature.geometry, fields.kind)
        if geometry is None:
            raise UnreadableFile(
                f"{file.path}, feature {feature.number}: a {feature.geometry.geom_type} cannot be of "
                f"the kind {fields.kind}. Choose another kind."
            )
        yield BasemapFeature(
            kind=fields.kind,
            category=_text(values, fields.class_field) or fields.category or fields.kind,
            name=_text(values, name_field),
            geometry=geometry,
        )


def _fitting(geometry: BaseGeometry, kind: str) -> BaseGeometry | None:
    if shapely.get_dimensions(geometry) in KINDS[kind]:
        return geometry
    return geometry.representative_point() if kind == "place" else None


def _text(values: object, field: str | None) -> str | None:
    value = values.get(field) if field is not None and hasattr(values, "get") else None
    return None if value is None or not str(value).strip() else str(value).strip()
