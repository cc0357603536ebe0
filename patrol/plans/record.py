"""The record of a plan: what became of its rounds, as a file to hand on."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import BinaryIO

from data.exports.provenance import PeriodProvenance
from data.exports.sheets import Cell, Sheet, open_workbook, summary_sheet, zone_of
from data.exports.table import as_text, write_table
from gis.local_time import LOCAL
from patrol.plans.results import PlanResults
from patrol.tracking.units import Unit
from patrol.tracks.export import ExportFormat


class RecordFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        return ExportFormat(self).media_type


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanRecord:
    """`name_of` says what a unit may be called in the file: its code for whoever may not read names."""

    results: PlanResults
    now: datetime
    name_of: Callable[[Unit], str]

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """One for each checkpoint of each round; of cells and roads one for each round."""
        for each in self.results.rounds:
            head = (
                each.round.begins_at,
                each.round.ends_at,
                each.state(self.now).value,
                each.covered.reached,
                each.covered.required,
                each.in_order,
            )
            if not each.arrivals:
                yield (*head, None, None, *self._whose(each.unit_ids))
            for checkpoint, arrival in zip(self.results.checkpoints, each.arrivals, strict=False):
                whose = self._whose(() if arrival is None else (arrival.unit_id,))
                at = None if arrival is None else _instant(arrival.at_s)
                yield (*head, checkpoint.name, at, *whose)

    def _whose(self, unit_ids: Iterable[int]) -> tuple[Cell, Cell]:
        units = sorted(
            (self.results.units[each] for each in unit_ids if each in self.results.units),
            key=lambda unit: unit.code,
        )
        return (
            " ".join(unit.code for unit in units) or None,
            "、".join(self.name_of(unit) for unit in units) or None,
        )


COLUMNS = (
    *("from", "to", "state", "reached", "required", "in_order"),
    *("checkpoint", "reached_at", "unit", "name"),
)


def write_record(
    record: PlanRecord, out: BinaryIO, *, to: RecordFormat, provenance: PeriodProvenance
) -> None:
    _WRITERS[to](record, out, provenance)


def record_filename(plan_id: int, provenance: PeriodProvenance, *, to: RecordFormat) -> str:
    """plan-12-20261101T0000-20261127T0000.csv, by the local clock."""
    begin, end = (
        f"{at.astimezone(LOCAL):%Y%m%dT%H%M}" for at in (provenance.since, provenance.until)
    )
    return f"plan-{plan_id}-{begin}-{end}.{to}"


def _write_csv(record: PlanRecord, out: BinaryIO, provenance: PeriodProvenance) -> None:
    """Times are those of the clock in China, with their zone."""
    rows = ([_text(cell) for cell in row] for row in record.rows())
    write_table(COLUMNS, rows, out, provenance)


def _text(cell: Cell) -> object:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case datetime():
            return cell.astimezone(LOCAL).isoformat(timespec="seconds")
        case str():
            return as_text(cell)
    return cell


def _write_xlsx(record: PlanRecord, out: BinaryIO, provenance: PeriodProvenance) -> None:
    """A summary with who, when and why, and the sums; then the rounds."""
    results, now = record.results, record.now
    zone = zone_of(provenance.since)
    with open_workbook(out) as book:
        summary = summary_sheet(book, provenance)
        summary.append(("", "reached", "required", "rate"))
        for title, ratio in (
            ("checkpoints, cells or pieces of road", results.covered(now)),
            ("rounds", results.fulfilled(now)),
        ):
            summary.append((title, ratio.reached, ratio.required, ratio.rate))
        if results.as_of is not None:
            summary.append((f"fixes may be missing from, {zone}", results.as_of))
        titles = (f"{column}, {zone}" if column in _TIMES else column for column in COLUMNS)
        rounds = Sheet(book, "rounds", tuple(titles))
        for row in record.rows():
            rounds.append(row)


_TIMES = frozenset({"from", "to", "reached_at"})
_WRITERS: Mapping[RecordFormat, Callable[[PlanRecord, BinaryIO, PeriodProvenance], None]] = (
    MappingProxyType({RecordFormat.CSV: _write_csv, RecordFormat.XLSX: _write_xlsx})
)


def _instant(t_s: float) -> datetime:
    return datetime.fromtimestamp(round(t_s, 3), UTC)
