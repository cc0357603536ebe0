"""What a request says of the maps that it sends: of all of them, of each file, and of one map alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.editions import GridFields
from data.editions.fields import ROLES
from data.files.untrusted import Reading, StrangersFile
from gis.errors import InvalidInput


class MapSaid(BaseModel):
    """One map, by its name in the preview; what is left out is as for all."""

    model_config = ConfigDict(extra="forbid")

    file: str = Field(min_length=1, max_length=400)
    level: int | None = Field(default=None, ge=1, le=9)
    crs: str | None = None
    layer: str | None = None
    encoding: str | None = None
    code_field: str | None = None
    name_field: str | None = None
    parent_field: str | None = None
    level_field: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FilesSaid:
    """The files, the level of each, how all are read, and what is said of single maps by their names."""

    files: Sequence[StrangersFile]
    levels: Mapping[Path, int | None]
    reading: Mapping[str, str | None]
    maps: Mapping[str, MapSaid]

    @property
    def readings(self) -> Mapping[str, Reading]:
        return {
            name: Reading(crs=said.crs, layer=said.layer, encoding=said.encoding)
            for name, said in self.maps.items()
        }

    def level_of(self, source: StrangersFile, label: Path) -> int | None:
        """Of the grids of a map that came in a file."""
        said = self.maps.get(str(label))
        return self.levels[source.path] if said is None or said.level is None else said.level

    def fields_of(self, label: Path) -> GridFields:
        """The columns that are named for this map alone."""
        said = self.maps.get(str(label))
        if said is None:
            return GridFields()
        return GridFields(**{role: getattr(said, f"{role}_field") or None for role in ROLES})


def said_of_files(
    files: Sequence[StrangersFile],
    levels: Sequence[int | None],
    reading: Mapping[str, str | None],
    maps: Sequence[str],
) -> FilesSaid:
    """`levels` are of the files in their order, `maps` JSON. Raises InvalidInput."""
    said: dict[str, MapSaid] = {}
    for each in maps:
        try:
            one = MapSaid.model_validate_json(each)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(map(str, first["loc"])) or "map"
            raise InvalidInput(
                f'Send each map as JSON such as {{"file": "villages.shp", "level": 2}}: {place}: '
                f"{first['msg']}.",
                field="map",
            ) from error
        name = str(PurePosixPath(one.file))
        if name in said:
            raise InvalidInput(f"Send one map for {name[:80]}.", field="map")
        said[name] = one
    return FilesSaid(
        files=files,
        levels=dict(zip((file.path for file in files), levels, strict=True)),
        reading=reading,
        maps=said,
    )
