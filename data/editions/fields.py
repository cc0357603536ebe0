"""Which column of a file holds a grid's code, name, parent and level."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gis.errors import InvalidInput

# As people and programs name them, the most telling first; compared without case, "_", "-" and " ".
_USUAL: Mapping[str, tuple[str, ...]] = {
    "code": (
        *("code", "gridcode", "网格编码", "网格编号", "网格代码", "wgbm", "wgbh", "wgdm"),
        *("编码", "编号", "代码", "adcode", "xzqdm"),
    ),
    "name": ("name", "gridname", "网格名称", "wgmc", "名称", "xzqmc", "mc"),
    "parent": (
        *("parentcode", "parent", "parentgrid", "上级网格编码", "上级网格", "上级编码", "上级代码"),
        *("父级编码", "父网格编码", "所属网格编码", "所属网格", "sjwgbm", "sjbm"),
    ),
    "level": ("level", "gridlevel", "网格级别", "网格层级", "级别", "层级", "wgjb"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class GridFields:
    """Names of fields; None: found by their usual names (`detect`), or not there at all."""

    code: str | None = None
    name: str | None = None
    parent: str | None = None
    level: str | None = None

    def detect(self, fields: Sequence[str]) -> "GridFields":
        """The fields of a file that has `fields`: those named here, else by their usual names.

        Raises InvalidInput when a field named here is missing, or none looks like the code.
        """
        by_word = {_word(field): field for field in reversed(fields)}
        chosen: dict[str, str | None] = {}
        for role, usual in _USUAL.items():
            wanted: str | None = getattr(self, role)
            if wanted is not None and wanted not in fields:
                raise InvalidInput(
                    f"There is no field {wanted!r}; there are: {_listed(fields)}.", field=role
                )
            chosen[role] = wanted or next((by_word[w] for w in usual if w in by_word), None)
        if chosen["code"] is None:
            raise InvalidInput(
                f"No field looks like the grid's code; there are: {_listed(fields)}. "
                "Name it with --code-field.",
                field="code",
            )
        return GridFields(**chosen)


def _word(field: str) -> str:
    return field.casefold().replace("_", "").replace("-", "").replace(" ", "")


def _listed(fields: Sequence[str]) -> str:
    return ", ".join(fields) or "none"
