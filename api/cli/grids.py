"""`wangge grids`: editions from files, what is wrong with them, and which one is in force."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api.cli.grid_files import files_of, locate, mappings, preview, read_sources
from api.cli.options import DataOption, find_installation
from api.instants import read_instant
from data.audit import Who
from data.editions import (
    Edition,
    GridFields,
    active_edition_id,
    came_between,
    copy_to_draft,
    draft_edition,
    find_edition,
    grids_from_files,
    read_editions,
    read_findings,
    read_grids,
    remember,
    remembered_fields,
    undo,
)
from data.editions.scheduling import cancel, schedule
from data.files import write_features, write_geojson
from gis.errors import NotFound
from gis.geojson import feature
from gis.redivision import NARROW_M, Relation
from patrol.redivision import effects_of, put_in_force

app = typer.Typer(help="The grids and their editions.", no_args_is_help=True)

app.command("preview")(preview)
app.command("mappings")(mappings)
app.command("locate")(locate)

EditionArgument = Annotated[
    str, typer.Argument(metavar="EDITION", help="Its number or its name.", show_default=False)
]


@app.command("import")
def import_grids(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="[LEVEL=]PATH",
            help="Files or folders, with the level of their grids: 1=districts/ 2=all.shp",
            show_default=False,
        ),
    ],
    *,
    level: Annotated[
        int | None,
        typer.Option(min=1, max=9, help="The level of the paths that do not say theirs."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("--edition", "--name", metavar="NAME", help="What to call the edition."),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(metavar="EDITION", help="Take the levels that no file brings from this one."),
    ] = None,
    crs: Annotated[
        str | None,
        typer.Option(
            metavar="CRS",
            help="What the files are in, whatever they say: wgs84, cgcs2000, gcj02, bd09, EPSG:4549.",
        ),
    ] = None,
    layer: Annotated[str | None, typer.Option(help="The layer to read of a file of many.")] = None,
    encoding: Annotated[str | None, typer.Option(help="The encoding of a file's text.")] = None,
    code_field: Annotated[str | None, typer.Option(metavar="FIELD")] = None,
    name_field: Annotated[str | None, typer.Option(metavar="FIELD")] = None,
    parent_field: Annotated[str | None, typer.Option(metavar="FIELD")] = None,
    level_field: Annotated[str | None, typer.Option(metavar="FIELD")] = None,
    repair: Annotated[
        bool, typer.Option(help="Give slivers between grids to one of them, and list each.")
    ] = True,
    sliver_m: Annotated[
        float, typer.Option(metavar="METRES", help="Up to how wide a sliver is repaired.")
    ] = NARROW_M,
    data: DataOption = None,
) -> None:
    """Read GeoJSON, shapefiles, GeoPackages, KML, FlatGeobuf, CSV or XLSX into a draft edition.

    `wangge grids preview` shows before what the files hold and what their columns are taken for.
    All files together are one edition. It takes effect with `wangge grids activate`. Importing the
    same grids again changes nothing.
    """
    fields = GridFields(code=code_field, name=name_field, parent=parent_field, level=level_field)
    console = Console(stderr=True, highlight=False)
    read = read_sources(files_of(sources, level), console, crs=crs, layer=layer, encoding=encoding)
    with find_installation(data).open_database() as database, database.begin() as conn:
        base_grids = (
            []
            if base is None
            else [row.grid for row in read_grids(conn, find_edition(conn, base).id)]
        )
        remembered = remembered_fields(conn)
        with console.status("Checking the topology"):
            intake = grids_from_files(
                read, fields, base_grids, remembered, sliver_m=sliver_m if repair else None
            )
            draft = draft_edition(
                conn,
                intake.grids,
                name=name or datetime.now().astimezone().date().isoformat(),
                source_crs=", ".join(sorted({source.file.crs or "" for source in read})),
            )
        now, who = datetime.now(UTC), Who.at_the_machine()
        remember(conn, intake.columns, by=who.name, at=now)
    for note in intake.notes:
        typer.echo(note)
    edition = draft.edition
    if not draft.is_new:
        typer.echo(f"These grids are there already: edition {_called(edition)}, {edition.state}.")
        return
    levels = [grid.level for grid in intake.grids]
    counts = ", ".join(f"{levels.count(each)} of level {each}" for each in sorted({*levels}))
    typer.echo(f"Edition {_called(edition)}: {counts}; {edition.findings_in_words}.")
    following = f"check {edition.id}" if edition.findings else f"activate {edition.id}"
    typer.echo(f"It is a draft. Next: wangge grids {following}")


@app.command("list")
def list_editions(data: DataOption = None) -> None:
    """List the editions, the newest first."""
    with find_installation(data).open_database() as database, database.begin() as conn:
        editions = read_editions(conn)
    table = Table("", "name", "state", "from", "to", "grids", "findings", box=None, pad_edge=False)
    for edition in editions:
        table.add_row(
            str(edition.id),
            edition.name,
            edition.state,
            _local(edition.valid_from),
            _local(edition.valid_to),
            str(edition.grids),
            str(edition.findings),
        )
    Console(highlight=False).print(table)


@app.command("check")
def check(
    edition: Annotated[
        str | None,
        typer.Argument(
            metavar="[EDITION]", help="Its number or its name [the newest].", show_default=False
        ),
    ] = None,
    geojson: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the findings with their places.", dir_okay=False),
    ] = None,
    data: DataOption = None,
) -> None:
    """Show what the topology check found: overlaps, gaps, grids outside their parents."""
    with find_installation(data).open_database() as database, database.begin() as conn:
        found = find_edition(conn, edition)
        findings = read_findings(conn, found.id)
    table = Table("finding", "grids", box=None, pad_edge=False)
    table.add_column("m²", justify="right")
    table.add_column("m wide", justify="right")
    for properties in (finding["properties"] for finding in findings):
        area_m2, width_m = properties["area_m2"], properties.get("width_m")
        table.add_row(
            properties["kind"],
            properties["message"],
            "" if area_m2 is None else f"{area_m2:,.0f}",
            "" if width_m is None else f"{width_m:,.2f}",
        )
    if findings:
        Console(highlight=False).print(table)
    typer.echo(f"Edition {_called(found)}: {found.findings_in_words}.")
    if geojson is not None:
        write_geojson(geojson, findings)
        typer.echo(f"{geojson}: written")


@app.command("activate")
def activate_edition(
    edition: EditionArgument,
    accept: Annotated[
        str | None,
        typer.Option(metavar="REASON", help="Why it is put in force in spite of its findings."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="INSTANT", help="When: 2027-01-01T00:00:00+08:00 [now]"),
    ] = None,
    replaces: Annotated[
        str | None,
        typer.Option(
            metavar="EDITION", help="The one that it replaces though it was not made of it."
        ),
    ] = None,
    data: DataOption = None,
) -> None:
    """Put an edition in force, now or at an instant, and retire the one before it.

    Open cases get their grid in the new edition; closed ones keep theirs.
    """
    who = Who.at_the_machine()
    now = datetime.now(UTC)
    with find_installation(data).open_database() as database, database.begin() as conn:
        found = find_edition(conn, edition)
        replaced = None if replaces is None else find_edition(conn, replaces).id
        if at is not None:
            due = schedule(
                conn,
                found.id,
                who,
                at=read_instant(at),
                now=now,
                accept_reason=accept,
                replaces=replaced,
            )
            typer.echo(f"Edition {_called(due)} takes effect at {_local(due.due_at)}.")
            return
        done = put_in_force(conn, found.id, who, at=now, accept_reason=accept, replaces=replaced)
    typer.echo(
        f"Edition {_called(done.edition)} is in force since {_local(done.edition.valid_from)}."
    )
    if done.cases.cases:
        typer.echo(
            f"{done.cases.cases} open cases: {done.cases.moved} in another grid, "
            f"{done.cases.reassigned} with another owner."
        )


@app.command("cancel")
def cancel_activation(edition: EditionArgument, data: DataOption = None) -> None:
    """Let an edition not take effect by itself after all."""
    with find_installation(data).open_database() as database, database.begin() as conn:
        cancelled = cancel(conn, find_edition(conn, edition).id, Who.at_the_machine())
    typer.echo(f"Edition {_called(cancelled)} stays a draft.")


@app.command("compare")
def compare_editions(
    edition: EditionArgument,
    before: Annotated[
        str | None,
        typer.Option("--with", metavar="EDITION", help="Another one than that in force."),
    ] = None,
    geojson: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the ground that moves.", dir_okay=False),
    ] = None,
    data: DataOption = None,
) -> None:
    """Show what an edition changes: grids, ground, staff, open cases, cameras and facilities."""
    console = Console(highlight=False)
    with find_installation(data).open_database() as database, database.begin() as conn:
        found = find_edition(conn, edition)
        before_id = active_edition_id(conn) if before is None else find_edition(conn, before).id
        if before_id is None:
            raise NotFound("No edition is in force. Name another one: --with EDITION.")
        with console.status("Comparing"):
            effects = effects_of(conn, found.id, before_id=before_id, at=datetime.now(UTC))
        between = came_between(conn, found)
    table = Table("from", "to", "relation", box=None, pad_edge=False)
    table.add_column("m²", justify="right")
    for link in effects.comparison.links:
        if link.relation is not Relation.KEPT:
            table.add_row(link.old, link.new, link.relation, f"{link.area_m2:,.0f}")
    if table.rows:
        console.print(table)
    for word, concerned in (
        ("posts on grids that change", effects.staff),
        ("open cases change their grid", effects.cases),
        ("cameras change their grid", effects.cameras),
        ("facilities change their grid", effects.facilities),
    ):
        typer.echo(f"{len(concerned)} {word}")
    for each in between:
        typer.echo(f"It was not made of {each}, and would take back what that changed.")
    if geojson is not None:
        moved = [
            feature(
                each.geometry,
                {"from": each.old, "to": each.new, "level": each.level, "area_m2": each.area_m2},
            )
            for each in effects.comparison.moved
        ]
        write_geojson(geojson, moved)
        typer.echo(f"{geojson}: written")


@app.command("copy")
def copy_grids(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call the draft.")],
    of: Annotated[
        str | None, typer.Option(metavar="EDITION", help="Another one than that in force.")
    ] = None,
    data: DataOption = None,
) -> None:
    """Make a draft with the grids of an edition, to be changed."""
    with find_installation(data).open_database() as database, database.begin() as conn:
        source = None if of is None else find_edition(conn, of).id
        copy = copy_to_draft(conn, Who.at_the_machine(), of=source, name=name)
    typer.echo(f"Edition {_called(copy)}: a draft with {copy.grids} grids.")


@app.command("undo")
def undo_changes(
    edition: EditionArgument,
    steps: Annotated[int, typer.Option(min=1, help="How many.")] = 1,
    data: DataOption = None,
) -> None:
    """Take back what was last done to a draft."""
    with find_installation(data).open_database() as database, database.begin() as conn:
        found = find_edition(conn, edition)
        changed = undo(conn, found.id, Who.at_the_machine(), steps=steps)
    typer.echo(f"Edition {_called(changed.edition)}: {changed.edition.findings_in_words}.")


@app.command("export")
def export(
    edition: EditionArgument,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help=".geojson, .gpkg or .fgb", show_default=False),
    ],
    data: DataOption = None,
) -> None:
    """Write the grids of an edition to a file. Imported again, it is the same edition."""
    with find_installation(data).open_database() as database, database.begin() as conn:
        found = find_edition(conn, edition)
        rows = read_grids(conn, found.id)
    write_features(
        file,
        [row.grid.geometry for row in rows],
        {
            "code": [row.grid.code for row in rows],
            "name": [row.grid.name for row in rows],
            "level": [row.grid.level for row in rows],
            "parent": [row.grid.parent_code for row in rows],
            "area_m2": [row.area_m2 for row in rows],
        },
    )
    typer.echo(f"{file}: {len(rows)} grids of edition {_called(found)}")


def _called(edition: Edition) -> str:
    return f"{edition.id} ({edition.name})"


def _local(instant: datetime | None) -> str:
    return "" if instant is None else instant.astimezone().isoformat(" ", "seconds")
