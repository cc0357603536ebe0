"""The features of a layer on their way into a file."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from layers.catalog.layer import FieldType, Layer
from layers.features.reading import Feature


class Batches:
    """Iterated once: some thousand features at a time, their geometry as WKB. `written` counts them."""

    def __init__(self, layer: Layer, batches: Iterable[Sequence[Feature]]) -> None:
        self.layer = layer
        self.written = 0
        self._batches = batches

    def __iter__(self) -> Iterator[Sequence[Feature]]:
        for batch in self._batches:
            yield batch
            self.written += len(batch)

    def cells(self, feature: Feature) -> list[object]:
        """The values of the fields in the catalog's order, each of its type."""
        return [_cell(kind, feature.properties[name]) for name, kind in self.layer.fields.items()]


def _cell(kind: FieldType, value: object) -> object:
    match kind, value:
        case (_, None):
            return None
        case (FieldType.NUMBER, float() | int()):
            return float(value)
        case (FieldType.INSTANT, datetime()):
            return value.astimezone(UTC)
        case (FieldType.BOOLEAN, bool()):
            return value
        case _:
            return str(value)
