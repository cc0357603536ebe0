"""Files for `wangge grids`: read, looked into, and what their columns were taken for."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from api.cli.hints import with_option
from api.cli.options import DataOption, find_installation
from api.point_tables import Answering, PointColumns, locate_table, owners_by_code
from data.audit import Who, record
from data.editions import (
    GridFields,
    GridIndexes,
    LayerPreview,
    Source,
    forget,
    grids_from_files,
    preview_layer,
    read_mappings,
    remembered_fields,
)
from data.editions.fields import ROLES, named_in
from data.files import find_files, parse_crs, read_features
from data.files.untrusted import SUFFIXES, StrangersFile, look_into_untrusted, read_untrusted
from data.files.writing import appearing_whole
from gis.crs import Crs
from gis.errors import InvalidInput, NotFound, WanggeError
from gis.local_time import LOCAL

_LEVEL_AND_PATH = re.compile(r"([1-9])=(.+)", re.DOTALL)
_SHOWN_ROWS = 3


def files_of(sources: Sequence[str], level: int | None) -> list[tuple[Path, int | None]]:
    """The files that arguments such as `1=districts/` mean, each with its level."""
    return [
        (file, file_level)
        for source in sources
        for path, file_level in [_level_and_path(source, level)]
        for file in find_files(path)
    ]


def read_sources(
    files: Sequence[tuple[Path, int | None]],
    console: Console,
    *,
    crs: str | None,
    layer: str | None,
    encoding: str | None,
) -> list[Source]:
    """The maps in the files. The usual formats are read in a process of their own, for a file that comes
    by hand is as strange as one that is sent; others, which only GDAL knows, in this one."""
    usual = [file for file, _ in files if file.suffix.lower() in SUFFIXES and file.is_file()]
    level_of = dict(files)
    found: list[Source] = []
    with console.status(f"Reading {len(files)} files" if len(files) > 1 else "Reading"):
        if usual:
            maps = read_untrusted(
                [StrangersFile(path=file, label=str(file)) for file in usual],
                crs=crs,
                layer=layer,
                encoding=encoding,
            )
            found += [Source(file=read, level=level_of[source.path]) for source, read in maps]
        source_crs = None if crs is None else parse_crs(crs)
        for file, level in files:
            if file not in usual:
                read = read_features(file, crs=source_crs, layer=layer, encoding=encoding)
                found.append(Source(file=read, level=level))
    return found


def preview(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="[LEVEL=]PATH", help="Files or folders.", show_default=False),
    ],
    *,
    level: Annotated[int | None, typer.Option(min=1, max=9, help="The level of the grids.")] = None,
    crs: Annotated[
        str | None, typer.Option(metavar="CRS", help="What the files are in, whatever they say.")
    ] = None,
    layer: Annotated[str | None, typer.Option(help="One layer of a file of many.")] = None,
    encoding: Annotated[str | None, typer.Option(help="The encoding of a file's text.")] = None,
    code_field: Annotated[str | None, typer.Option(metavar="FIELD")] = None,
    name_field: Annotated[str | None, typer.Option(metavar="FIELD")] = None,
    parent_field: Annotated[str | None, typer.Option(metavar="FIELD")] = None,
    level_field: Annotated[str | None, typer.Option(metavar="FIELD")] = None,
    data: DataOption = None,
) -> None:
    """Show what files hold, what an import would take their columns for, and what it would repair.
    Changes nothing."""
    named = GridFields(code=code_field, name=name_field, parent=parent_field, level=level_field)
    files = files_of(sources, level)
    level_of = dict(files)
    console = Console(highlight=False)
    with Console(stderr=True).status("Reading"):
        looked = look_into_untrusted(
            [StrangersFile(path=file, label=str(file)) for file, _ in files],
            crs=crs,
            layer=layer,
            encoding=encoding,
        )
    with find_installation(data).open_database() as database, database.begin() as conn:
        remembered = remembered_fields(conn)
    named_of = named_in([(content.fields, GridFields()) for _, content in looked.layers], named)
    previews = [
        preview_layer(content, named=names, remembered=remembered, level=level_of[source.path])
        for (source, content), names in zip(looked.layers, named_of, strict=True)
    ]
    for each in previews:
        _show(console, each)
    if any(each.problem for each in previews):
        return
    problem, code = looked.problem, looked.problem_code
    notes: Sequence[str] = ()
    if problem is None:
        maps = [Source(file=read, level=level_of[source.path]) for source, read in looked.maps]
        try:
            notes = grids_from_files(maps, named, remembered=remembered).notes
        except WanggeError as error:
            problem, code = error.message, error.code
    if problem is not None:
        console.print(f"An import would be refused: {with_option(problem, code)}")
    for note in notes:
        console.print(note)


def mappings(
    *,
    forget_id: Annotated[
        int | None, typer.Option("--forget", metavar="NUMBER", help="Forget this one.")
    ] = None,
    data: DataOption = None,
) -> None:
    """List what the columns of files were taken for, which the next file with them is read by."""
    with find_installation(data).open_database() as database, database.begin() as conn:
        if forget_id is not None:
            mapping = forget(conn, forget_id)
            record(
                conn,
                Who.at_the_machine(),
                "field_mapping.forget",
                f"field mapping {mapping.id}",
                details={"fields": list(mapping.fields), "made_by": mapping.made_by},
            )
            typer.echo(f"Field mapping {mapping.id} is forgotten.")
            return
        found = read_mappings(conn)
    table = Table("", *ROLES, "columns", "by", "last used", box=None, pad_edge=False)
    for each in found:
        table.add_row(
            str(each.id),
            *(getattr(each.columns, role) or "" for role in ROLES),
            ", ".join(each.fields),
            each.made_by,
            each.used_at.astimezone(LOCAL).isoformat(" ", "minutes"),
        )
    if found:
        Console(highlight=False).print(table)
    else:
        typer.echo("Nothing is remembered yet: name a column in an import, and it is.")


def locate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file.", exists=True)],
    *,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What to write [FILE-located.csv].", show_default=False),
    ] = None,
    crs: Annotated[Crs, typer.Option(help="What the positions are in.")] = Crs.WGS84,
    lon_field: Annotated[str | None, typer.Option(metavar="FIELD")] = None,
    lat_field: Annotated[str | None, typer.Option(metavar="FIELD")] = None,
    data: DataOption = None,
) -> None:
    """Write a table of points again with the grid of each, by the edition in force."""
    target = out or file.with_name(f"{file.stem}-located.csv")
    with find_installation(data).open_database() as database, database.begin() as conn:
        index = GridIndexes(database).active(conn)
        if index is None:
            raise NotFound("No edition is in force yet. Put one in force: wangge grids activate.")
        owners = owners_by_code(conn, index, datetime.now(UTC))
    with (
        Progress(console=Console(stderr=True), transient=True) as progress,
        appearing_whole(target) as unfinished,
        unfinished.open("wb") as written,
    ):
        task = progress.add_task("Locating", total=None)
        done = locate_table(
            file,
            written,
            Answering(
                index=index,
                owners=owners,
                show=lambda _code, owner: (owner.name or "", owner.role, owner.reason),
            ),
            crs=crs,
            columns=PointColumns(lon=lon_field, lat=lat_field),
            progress=lambda rows: progress.update(task, completed=rows),
        )
    typer.echo(
        f"{target}: {done.rows:,} rows, {done.located:,} in a grid or near one, "
        f"{done.problems:,} of no use."
    )


def _show(console: Console, preview: LayerPreview) -> None:
    content = preview.content
    kinds = ", ".join(f"{count} {kind}" for kind, count in content.kinds.items()) or "no features"
    title = f"{content.path}" + (f", layer {content.layer}" if content.layer else "")
    console.print(f"{title}: {kinds}, {content.vertices:,} vertices", style="bold")
    place = ", ".join(f"{each:.5f}" for each in content.bounds) if content.bounds else "unknown"
    console.print(f"coordinates: {content.crs or 'not said'}; bounds (WGS-84): {place}")
    role_of = {choice.field: role for role, choice in preview.choices.items()}
    table = Table("column", "kind", "filled", "distinct", "values", "taken for", box=None)
    for field in preview.fields:
        role = role_of.get(field.name)
        choice = preview.choices[role] if role else None
        table.add_row(
            field.name,
            field.kind,
            str(field.filled),
            str(field.distinct),
            ", ".join(str(sample)[:24] for sample in field.samples[:_SHOWN_ROWS]),
            f"{role} ({choice.certainty})" if choice else "",
        )
    if preview.fields:
        console.print(table)
    if preview.levels:
        counts = (
            f"{grids} of level {level}" if level else f"{grids} of no level that is said"
            for level, grids in preview.levels.items()
        )
        console.print(f"levels: {', '.join(counts)}")
    for note in content.notes:
        console.print(note)
    if preview.problem:
        problem = with_option(preview.problem, preview.problem_code)
        console.print(f"An import would be refused: {problem}")


def _level_and_path(source: str, level: int | None) -> tuple[Path, int | None]:
    """A file whose name happens to look like `1=a.shp` is meant when it is there."""
    match = _LEVEL_AND_PATH.fullmatch(source)
    if match is None or Path(source).exists():
        return Path(source), level
    if level is not None:
        raise InvalidInput(f"{source} says its level itself: leave out --level.", field="level")
    return Path(match[2]), int(match[1])
