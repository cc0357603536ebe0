"""What is answered about grid editions and the files that they come from."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

import shapely
from pydantic import BaseModel, ConfigDict, Field

from data.editions import Certainty, Choice, Edition, EditionState, LayerPreview
from gis.redivision import Repair
from gis.topology import FindingKind


class EditionAnswer(BaseModel):
    """In force from `valid_from` until `valid_to`; `findings` is how many the topology check has."""

    id: int
    name: str
    state: EditionState
    source_crs: str
    grids: int
    findings: int
    accepted_reason: str | None
    valid_from: datetime | None
    valid_to: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, edition: Edition) -> "EditionAnswer":
        return cls(**{name: getattr(edition, name) for name in cls.model_fields})


class FindingProperties(BaseModel):
    model_config = ConfigDict(extra="allow")

    kind: str
    message: str
    area_m2: float | None
    width_m: float | None = None


class Finding(BaseModel):
    """Something wrong with the topology, GeoJSON: what, and where."""

    type: Literal["Feature"]
    geometry: dict[str, Any] | None
    properties: FindingProperties


class ColumnChoice(BaseModel):
    """What a column is taken for. `possible` ones are not, unless they are named."""

    field: str
    certainty: Certainty
    reason: str

    @classmethod
    def of(cls, choice: Choice) -> "ColumnChoice":
        return cls(field=choice.field, certainty=choice.certainty, reason=choice.reason)


Columns = Annotated[
    dict[str, ColumnChoice], Field(description="By role: code, name, parent and level.")
]


class FileColumns(BaseModel):
    """What the columns of one file were taken for."""

    file: str
    columns: Columns


class RepairProperties(BaseModel):
    """`kind` is what was wrong, `codes` the grids that had the ground, `to` the one that has it now.
    `gained` and `lost` are all grids whose area changed. No place is wider than `width_m`."""

    kind: FindingKind
    codes: list[str]
    to: str
    gained: list[str]
    lost: list[str]
    area_m2: float
    width_m: float
    message: str


class RepairAnswer(BaseModel):
    """Slivers that were given to one grid, GeoJSON: what, and where."""

    type: Literal["Feature"] = "Feature"
    geometry: dict[str, Any]
    properties: RepairProperties

    @classmethod
    def of(cls, repair: Repair) -> "RepairAnswer":
        return cls(
            geometry=shapely.geometry.mapping(repair.geometry),
            properties=RepairProperties(
                **{
                    name: getattr(repair, name)
                    for name in RepairProperties.model_fields
                    if name not in ("area_m2", "width_m")
                },
                area_m2=round(repair.area_m2, 2),
                width_m=round(repair.width_m, 2),
            ),
        )


class DraftAnswer(BaseModel):
    """`notes` say what was changed while reading, `repairs` which slivers were given to whom. `is_new`
    is false, and the status 200, when the same grids were there already."""

    edition: EditionAnswer
    findings: list[Finding]
    notes: list[str]
    repairs: list[RepairAnswer]
    files: list[FileColumns]
    is_new: bool = Field(description="Whether this request made the edition.")


class FieldAnswer(BaseModel):
    """A column: how many of its values are there, how many differ, and the first that do."""

    name: str
    kind: str
    filled: int
    distinct: int
    samples: list[Any]


class LevelCount(BaseModel):
    """How many grids there would be of a level; null: nothing says theirs."""

    level: int | None
    grids: int


class LayerAnswer(BaseModel):
    """What a layer holds and what an import would make of it. `crs` is null where nobody says it;
    `bounds` are west, south, east and north in WGS-84; `is_read` is whether an import would read this
    layer of the file; `problem` is what an import would be refused with, `problem_code` a stable word
    for it."""

    file: str
    layer: str | None
    crs: str | None
    bounds: tuple[float, float, float, float] | None
    features: int
    geometries: dict[str, int]
    vertices: int
    fields: list[FieldAnswer]
    columns: Columns
    levels: list[LevelCount]
    rows: list[dict[str, Any]]
    notes: list[str]
    is_read: bool
    problem: str | None
    problem_code: str | None

    @classmethod
    def of(cls, preview: LayerPreview) -> "LayerAnswer":
        content = preview.content
        return cls(
            file=str(content.path),
            layer=content.layer,
            crs=content.crs,
            bounds=content.bounds,
            features=len(content.rows),
            geometries=dict(content.kinds),
            vertices=content.vertices,
            fields=[
                FieldAnswer(**{**asdict(each), "samples": list(each.samples)})
                for each in preview.fields
            ],
            columns={role: ColumnChoice.of(each) for role, each in preview.choices.items()},
            levels=[
                LevelCount(level=level, grids=grids) for level, grids in preview.levels.items()
            ],
            rows=[dict(row) for row in preview.rows],
            notes=list(content.notes),
            is_read=content.file is not None,
            problem=preview.problem,
            problem_code=preview.problem_code,
        )


class PreviewAnswer(BaseModel):
    """One entry a layer of a file. `notes` are what would be changed while reading all of them as one
    edition, `repairs` the slivers that would be given to somebody; `problem` is what drafting would be
    refused with, `problem_code` a stable word for it."""

    layers: list[LayerAnswer]
    notes: list[str]
    repairs: list[RepairAnswer]
    problem: str | None
    problem_code: str | None
