"""Which basemaps an installation has: `basemaps.toml` in its data directory.

[[basemap]]
id = "aerial"
kind = "xyz"
title = { zh = "影像", en = "Aerial" }
url = "http://10.0.0.5/tiles/{z}/{x}/{y}.jpg"

[[basemap]]
id = "tianditu"
kind = "tianditu"
layer = "vec"
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

from data.installation import Installation
from gis.errors import InstallationError
from layers.basemaps.basemap import LABELS, Basemap, Pyramid, TileCrs
from layers.basemaps.tianditu import TITLES, Ground, tianditu_templates
from layers.catalog import Title

FILE = "basemaps.toml"
_DEEPEST = 22
# {s} alone may choose a server, and only among those that the file names.
_IN_HOST = ("{z}", "{x}", "{y}", "{-y}", "{key}")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Title(_Strict):
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class _Entry(_Strict):
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    attribution: str = ""
    minzoom: int = Field(default=0, ge=0, le=_DEEPEST)
    maxzoom: int = Field(default=18, ge=0, le=_DEEPEST)
    tile_size: Literal[256, 512] = 256
    key: SecretStr | None = None
    headers: dict[str, str] = {}

    @model_validator(mode="after")
    def _zooms_in_order(self) -> Self:
        if self.minzoom > self.maxzoom:
            raise ValueError("minzoom is above maxzoom")
        return self

    def _pyramid(self, template: str, *, labels: bool = False, **further: Any) -> Pyramid:
        return Pyramid(
            id=self.id + LABELS if labels else self.id,
            template=_checked(self.id, template),
            minzoom=self.minzoom,
            maxzoom=self.maxzoom,
            headers=self.headers,
            **further,
        )

    def _basemap(self, title: Title, ground: Pyramid, labels: Pyramid | None) -> Basemap:
        return Basemap(
            id=self.id,
            title=title,
            attribution=self.attribution,
            tile_size=self.tile_size,
            ground=ground,
            labels=labels,
        )


class _Tiles(_Entry):
    """Any server of tiles; with `kind = "tms"` the rows of {y} are counted from the south."""

    kind: Literal["xyz", "tms"]
    title: _Title
    url: str
    labels_url: str | None = None
    crs: TileCrs = TileCrs.MERCATOR
    subdomains: tuple[str, ...] = ()
    zoom_offset: int = Field(default=0, ge=-3, le=3)

    def to_basemap(self, _keys: Mapping[str, str]) -> Basemap:
        further: dict[str, Any] = {
            "crs": self.crs,
            "subdomains": self.subdomains,
            "zoom_offset": self.zoom_offset,
            "key": "" if self.key is None else self.key.get_secret_value(),
        }
        ground = self._pyramid(self._template(self.url), **further)
        labels = None
        if self.labels_url is not None:
            labels = self._pyramid(self._template(self.labels_url), labels=True, **further)
        return self._basemap(Title(zh=self.title.zh, en=self.title.en), ground, labels)

    def _template(self, url: str) -> str:
        return url.replace("{y}", "{-y}") if self.kind == "tms" else url


class _Tianditu(_Entry):
    """天地图: vec (streets), img (aerial) or ter (relief), each with its names over it."""

    kind: Literal["tianditu"]
    layer: Ground = "vec"
    matrix_set: Literal["w", "c"] = "w"
    labels: bool = True
    title: _Title | None = None
    attribution: str = "天地图"
    minzoom: int = Field(default=1, ge=1, le=_DEEPEST)
    url: str = "https://t{s}.tianditu.gov.cn"
    subdomains: tuple[str, ...] = tuple("01234567")

    def to_basemap(self, keys: Mapping[str, str]) -> Basemap:
        key = self.key.get_secret_value() if self.key else keys.get("WANGGE_TIANDITU_KEY", "")
        if not key:
            raise ValueError(f"{self.id} needs a key: key = …, or WANGGE_TIANDITU_KEY")
        further: dict[str, Any] = {
            "crs": TileCrs.CGCS2000 if self.matrix_set == "c" else TileCrs.MERCATOR,
            "subdomains": self.subdomains,
            "key": key,
        }
        ground, names = tianditu_templates(self.url, self.layer, self.matrix_set)
        title = TITLES[self.layer]
        if self.title is not None:
            title = Title(zh=self.title.zh, en=self.title.en)
        return self._basemap(
            title,
            self._pyramid(ground, **further),
            self._pyramid(names, labels=True, **further) if self.labels else None,
        )


class CacheSettings(_Strict):
    """How much is kept: at most `max_mb`; after `fresh_days` a tile is asked for again, after
    `keep_days` it is forgotten even where its server is away."""

    max_mb: int = Field(default=2_048, ge=1)
    fresh_days: float = Field(default=30, gt=0)
    keep_days: float = Field(default=730, gt=0)


class _File(_Strict):
    basemap: list[Annotated[_Tiles | _Tianditu, Field(discriminator="kind")]] = []
    cache: CacheSettings = CacheSettings()
    proxy: str | None = None


def basemap_file(installation: Installation, environment: Mapping[str, str] = os.environ) -> Path:
    """The file that names the basemaps, whether it is there or not."""
    return Path(environment.get("WANGGE_BASEMAPS") or installation.data_dir / FILE)


@dataclass(frozen=True, kw_only=True, slots=True)
class BasemapSettings:
    """`cache_dir` is where tiles are kept; None keeps them in memory. `proxy` is the address of the
    proxy that leads out of the intranet."""

    basemaps: tuple[Basemap, ...] = ()
    cache: CacheSettings = field(default_factory=CacheSettings)
    cache_dir: Path | None = None
    proxy: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, installation: Installation, environment: Mapping[str, str] = os.environ) -> Self:
        """As `WANGGE_BASEMAPS` names the file, else as `basemaps.toml` says; without one there are no
        basemaps. Raises InstallationError."""
        path = basemap_file(installation, environment)
        cache_dir = installation.data_dir / "basemaps"
        if not path.exists() and not environment.get("WANGGE_BASEMAPS"):
            return cls(cache_dir=cache_dir)
        return cls.read(path, cache_dir, environment)

    @classmethod
    def read(cls, path: Path, cache_dir: Path, environment: Mapping[str, str]) -> Self:
        try:
            file = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
            basemaps = tuple(entry.to_basemap(environment) for entry in file.basemap)
            _require_different_ids(basemaps)
        except ValidationError as error:
            [first, *_] = error.errors()
            place = ".".join(str(part) for part in first["loc"])
            raise _unusable(path, f"{place}: {first['msg']}") from None  # it may hold a key
        except (OSError, ValueError) as error:
            raise _unusable(path, str(error)) from None
        return cls(basemaps=basemaps, cache=file.cache, cache_dir=cache_dir, proxy=file.proxy)


def _unusable(path: Path, reason: str) -> InstallationError:
    return InstallationError(f"{path} cannot be used: {reason}. Correct it and start again.")


def _require_different_ids(basemaps: tuple[Basemap, ...]) -> None:
    ids = [basemap.id for basemap in basemaps]
    for each in ids:
        if ids.count(each) > 1:
            raise ValueError(f"two basemaps are called {each}")


def _checked(basemap_id: str, template: str) -> str:
    """Raises ValueError for an address that leads to no tile, or not always to the same server. What it
    says leaves the address out: somebody may have written a key into it."""
    parts = urlsplit(template)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(
            f"the url of {basemap_id} is no address; write http://server/{{z}}/{{x}}/{{y}}.png"
        )
    if any(placeholder in parts.netloc for placeholder in _IN_HOST):
        raise ValueError(f"the server in the url of {basemap_id} may depend on {{s}} only")
    rest = parts.path + parts.query
    if "{z}" not in rest or "{x}" not in rest or not ("{y}" in rest or "{-y}" in rest):
        raise ValueError(f"the url of {basemap_id} must hold {{z}}, {{x}} and {{y}}")
    return template
