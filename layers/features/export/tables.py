"""A layer as a table: CSV or a workbook. Points have lon and lat, everything else its WKT."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO

import shapely

from data.exports.provenance import Provenance
from data.exports.sheets import Cell, Sheet, open_workbook, summary_sheet, zone_of
from data.exports.table import as_text, write_table
from gis.errors import InvalidInput
from gis.geojson import DIGITS
from layers.catalog.layer import FieldType, Layer
from layers.features.export.batches import Batches

_LONGEST = 32_767
"""Characters in a cell of Excel."""


def write_csv(batches: Batches, out: BinaryIO, provenance: Provenance) -> None:
    """UTF-8 with a mark, as Excel wants it; where it comes from stands in the last columns."""
    header = [as_text(name) for name in (*batches.layer.fields, *_places(batches.layer))]
    rows = ([_text(cell) for cell in row] for row in _rows(batches))
    write_table(header, rows, out, provenance)


def write_xlsx(batches: Batches, out: BinaryIO, provenance: Provenance) -> None:
    """A summary that says where it comes from, and a sheet of the features. Times are of the zone that
    their header names.

    Raises InvalidInput for more features than a sheet has rows, and for a geometry that no cell holds.
    """
    layer = batches.layer
    zone = zone_of(provenance.exported_at)
    header = [
        f"{name}, {zone}" if kind is FieldType.INSTANT else name
        for name, kind in layer.fields.items()
    ]
    with open_workbook(out) as book:
        summary_sheet(book, provenance)
        sheet = Sheet(book, "features", (*header, *_places(layer)))
        for row in _rows(batches):
            sheet.append([_cell(cell) for cell in row])


def _places(layer: Layer) -> tuple[str, ...]:
    return ("lon", "lat") if layer.geometry == "point" else ("wkt",)


def _rows(batches: Batches) -> Iterator[Iterable[Any]]:
    is_point = batches.layer.geometry == "point"
    for batch in batches:
        shapes = shapely.from_wkb([feature.geometry for feature in batch])
        if is_point:
            middles = shapely.centroid(shapes)  # of a multipoint of one, too
            lon, lat = shapely.get_x(middles).round(DIGITS), shapely.get_y(middles).round(DIGITS)
            places: Iterable[tuple[Any, ...]] = zip(lon.tolist(), lat.tolist(), strict=True)
        else:
            places = ((wkt,) for wkt in shapely.to_wkt(shapes, rounding_precision=DIGITS))
        for feature, place in zip(batch, places, strict=True):
            yield (*batches.cells(feature), *place)


def _text(cell: Any) -> Any:
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).lower()
        case datetime():
            return cell.isoformat()
        case str():
            return as_text(cell)
        case _:
            return cell


def _cell(cell: Any) -> Cell:
    if isinstance(cell, str) and len(cell) > _LONGEST:
        raise InvalidInput(
            f"A cell of Excel holds {_LONGEST:,} characters and a shape here needs more: ask for csv, "
            "gpkg or geoparquet.",
            field="format",
            code="too_long_for_a_cell",
        )
    return cell  # type: ignore[no-any-return]
