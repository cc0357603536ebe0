"""`wangge changes`: suspected changes from two pictures, and cases from a file of them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console

from api.cli.options import DataOption, find_installation
from data.audit import Who, record
from data.editions import GridIndexes
from data.files.reading import read_features
from data.rasters import find_changes
from data.scope import Viewer
from gis.geojson import feature, feature_collection
from patrol.cases.case import SYSTEM
from patrol.cases.service import CaseService
from patrol.changes.service import CATEGORY, Intake, take_features

app = typer.Typer(help="Suspected changes.", no_args_is_help=True)

Picture = Annotated[Path, typer.Argument(exists=True, dir_okay=False, show_default=False)]


@app.command("detect")
def detect(
    before: Picture,
    after: Picture,
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="The GeoJSON file to write.")],
    least_area_m2: Annotated[
        float, typer.Option(min=1, help="Smaller changes are left out.")
    ] = 200.0,
) -> None:
    """Find what changed between two GeoTIFFs of the same place. Needs no installation; look at the file,
    then 'wangge changes import' makes cases of it."""
    with Console(stderr=True).status("Comparing"):
        spots = find_changes(before, after, least_area_m2=least_area_m2)
    features = (
        feature(spot.geometry, {"area_m2": round(spot.area_m2, 1), "score": spot.score})
        for spot in spots
    )
    output.write_bytes(orjson.dumps(feature_collection(features)))
    typer.echo(f"{len(spots):,} areas in {output}")


@app.command("import")
def import_changes(
    file: Picture,
    *,
    category: Annotated[str, typer.Option(help="Of the cases.")] = CATEGORY,
    data: DataOption = None,
) -> None:
    """Make a case of each area of a map. The same map again makes none."""
    read = read_features(file)
    now = datetime.now(UTC)
    intake = Intake(source=file.name, actor=SYSTEM, at=now, category=category)
    with find_installation(data).open_database() as database:
        service = CaseService(database, GridIndexes(database), lambda: datetime.now(UTC))
        with database.begin(Viewer.everything()) as conn:
            report = take_features(conn, service, read.features, intake)
            details = {"files": [file.name], "cases": len(report.cases)}
            record(conn, Who.at_the_machine(), "change.import", details=details)
    for problem in report.refused:
        typer.echo(f"{problem.number}: {problem.message}", err=True)
    typer.echo(
        f"{len(report.cases):,} cases, {report.unchanged:,} there already, "
        f"{len(report.refused):,} refused."
    )
