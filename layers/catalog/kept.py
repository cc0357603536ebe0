"""The catalog for those who ask all the time: in memory, and read again when it has changed."""

from collections.abc import Awaitable, Callable, Mapping

from anyio import to_thread

from data.database import Database
from layers.catalog.built_in import BUILT_IN
from layers.catalog.catalog import no_such_layer, read_layers
from layers.catalog.layer import Layer

CATALOG = "catalog"
"""What the catalog itself is called in `layer_versions`."""


class KeptCatalog:
    """`version` tells the version of the catalog that is committed now."""

    def __init__(self, database: Database, version: Callable[[], Awaitable[int]]) -> None:
        self._database = database
        self._version = version
        self._kept: tuple[int, Mapping[str, Layer]] | None = None

    async def find(self, layer_id: str) -> Layer:
        """The layer as it is now. Raises NotFound, naming those there are."""
        known = BUILT_IN.get(layer_id)
        if known is not None:
            return known  # what every installation has does not change while it runs
        version = await self._version()
        if self._kept is None or self._kept[0] < version:
            # Read after its version was: at worst newer, and then read once more than needed.
            self._kept = version, await to_thread.run_sync(self._read)
        _, layers = self._kept
        if layer_id not in layers:
            raise no_such_layer(layer_id, list(layers))
        return layers[layer_id]

    def _read(self) -> Mapping[str, Layer]:
        with self._database.begin() as conn:
            return {layer.id: layer for layer in read_layers(conn)}
