"""What a file of features holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, kw_only=True, slots=True)
class FileFeature:
    """One feature; `number` counts from 1 as people do. Values are what JSON knows: text, numbers,
    booleans, None, lists and mappings."""

    number: int
    geometry: BaseGeometry
    properties: Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureFile:
    """A file as read. `crs` names its coordinate system, None when the file does not say; `notes` are
    remarks for a person."""

    path: Path
    crs: str | None
    fields: tuple[str, ...]
    features: tuple[FileFeature, ...]
    notes: tuple[str, ...] = ()
