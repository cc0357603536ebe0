"""`wangge cases open311-pull`: requests of another system that speaks Open311."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import urlsplit

import httpx
import typer
from rich.console import Console

from api.cli.case_intake import Asked, PreviewOption, RefusedOption, check_new, run
from api.cli.options import LOCAL_TIMES, DataOption, find_installation, from_local
from gis.errors import InvalidInput
from patrol.cases.case import Source
from patrol.categories.store import read_categories
from patrol.intake.georeport import GeoReport, rows_of

_PATIENCE_S = 30.0


def pull(
    url: Annotated[
        str,
        typer.Argument(
            help="Of a GeoReport v2 interface, such as https://town.gov.cn/open311/v2.",
            show_default=False,
        ),
    ],
    *,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=LOCAL_TIMES, help="Local time; 90 days ago, if left out.", show_default=False
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            help="What the numbers begin with here; the host, if left out.", show_default=False
        ),
    ] = None,
    jurisdiction: Annotated[
        str | None, typer.Option(help="Its jurisdiction_id.", show_default=False)
    ] = None,
    preview: PreviewOption = False,
    history: Annotated[
        bool,
        typer.Option("--history", help="All as old cases: nobody is sent or told."),
    ] = False,
    refused: RefusedOption = None,
    data: DataOption = None,
) -> None:
    """Make cases of the requests of another system that speaks Open311, each once.

    Open ones are reported and dispatched here; those that are closed there are kept as they were. Again,
    what is closed there since becomes a comment. Run it by a timer to keep up.
    """
    check_new(refused)
    now = datetime.now(UTC)
    begins = now - timedelta(days=90) if since is None else from_local(since)
    with (
        _client(url) as client,
        Console(stderr=True).status("Reading") as status,
    ):
        endpoint = GeoReport(client, jurisdiction=jurisdiction)
        services = endpoint.services()
        requests = []
        for each in endpoint.requests(begins, now):
            requests.append(each)
            status.update(f"Reading: {len(requests):,}")
        prefix = name or client.base_url.host
    asked = Asked(source=Source.OPEN311, history=history, preview=preview)
    with find_installation(data).open_database() as database:
        with database.begin() as conn:
            rows = rows_of(requests, services, read_categories(conn), prefix=prefix)
        run(database, url, rows, asked, refused)


def _client(url: str) -> httpx.Client:
    """Raises InvalidInput for what is no address."""
    address = urlsplit(url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise InvalidInput(
            f"{url} is no address; write it like https://town.gov.cn/open311/v2.", field="url"
        )
    return httpx.Client(base_url=url, timeout=_PATIENCE_S, follow_redirects=True)
