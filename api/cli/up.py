"""`wangge up`: everything on one machine, in the foreground."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api.app import create_app
from api.cli.address import reserve, url_of, urls_for_others
from api.cli.certificates import (
    CertificateOption,
    KeyOption,
    NameOption,
    TlsOption,
    find_tls,
    greeting_of,
)
from api.cli.credentials import Credential, CredentialsFile
from api.cli.demo import make_demo_town
from api.cli.first_start import (
    forget_changed_passwords,
    issue_simulator_token,
    make_first_accounts,
    units_on_patrol,
)
from api.cli.only_one import only_one
from api.cli.options import DataOption, find_installation
from api.cli.serving import serve
from api.cli.shutdown import Shutdown, Stopped
from api.cli.simulator import simulating
from api.cli.terminals import (
    Jt808HostOption,
    Jt808PortOption,
    greeting_for_terminals,
    reserve_for_terminals,
)
from api.proxies import ProxySettings
from api.settings import ServerSettings
from api.tls import Tls
from api.worker.order import Order
from api.worker.process import WorkerProcess
from data.database import Database
from data.installation import Installation
from gis.errors import WanggeError


def up(
    data: DataOption = None,
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free one.")] = 8080,
    host: Annotated[str, typer.Option(help="0.0.0.0 lets other machines in.")] = "127.0.0.1",
    demo: Annotated[
        bool, typer.Option("--demo", help="An invented town whose people patrol it all day.")
    ] = False,
    speed: Annotated[
        float, typer.Option(min=0.1, max=20, help="How fast the people of the demo town move.")
    ] = 1.0,
    tls: TlsOption = False,
    name: NameOption = None,
    tls_certificate: CertificateOption = None,
    tls_key: KeyOption = None,
    jt808_port: Jt808PortOption = None,
    jt808_host: Jt808HostOption = None,
) -> None:
    """Run everything on this machine, in the foreground, until Ctrl-C."""
    shutdown = Shutdown()
    installation = find_installation(data)

    def certificate() -> Tls | None:
        return find_tls(
            installation.data_dir,
            tls=tls,
            names=name or (),
            certificate=tls_certificate,
            key=tls_key,
        )

    with shutdown.listening():
        try:
            _run(
                installation,
                shutdown,
                host=host,
                port=port,
                find_certificate=certificate,
                terminals_at=(jt808_host, jt808_port),
                demo_speed=speed if demo else None,
            )
        except Stopped:
            pass
        except WanggeError:
            # Ctrl-C reaches PostgreSQL's programs too; their complaint about it is not an error.
            if not shutdown.requested:
                raise
    raise typer.Exit(shutdown.exit_code)


def _run(
    installation: Installation,
    shutdown: Shutdown,
    *,
    host: str,
    port: int,
    find_certificate: Callable[[], Tls | None],
    terminals_at: tuple[str | None, int | None],
    demo_speed: float | None,
) -> None:
    console = Console(highlight=False, emoji=False)  # a fingerprint has :AB: in it now and then
    demo = demo_speed is not None
    proxies = ProxySettings.from_environment()
    with (
        only_one(installation.data_dir),
        reserve(host, port) as bound,
        reserve_for_terminals(*terminals_at) as terminals,
        ExitStack() as stack,
    ):
        tls = find_certificate()
        context = None if tls is None else tls.to_context()
        with console.status("Starting PostgreSQL…"):
            databases = stack.enter_context(installation.open_databases())
            database = databases.owner
        file = CredentialsFile(installation.data_dir)
        with shutdown.interrupting():
            people = make_demo_town(database, console, _now()).people if demo else ()
            forget_changed_passwords(database, file)
            made = make_first_accounts(database, file, people, demo=demo)
        url = url_of(bound, secure=tls is not None)
        settings = ServerSettings.of(installation)
        order = Order.from_environment(databases, installation.secret_key(), photos=settings.photos)

        def greet() -> None:
            lines = [
                *greeting_of(tls, url, urls_for_others(bound, secure=tls is not None)),
                *greeting_for_terminals(terminals),
            ]
            _greet(console, url, lines, file, made)
            stack.enter_context(WorkerProcess(order))
            if demo_speed is not None:
                stack.enter_context(_simulating(database, url, tls, demo_speed))

        if tls is not None:
            settings = replace(
                settings, authority=tls.authority_pem, https_only=tls.authority is None
            )
        app = create_app(
            databases.application, settings, tracking=databases.tracking, terminals=terminals
        )
        serve(
            app,
            bound,
            shutdown,
            started=greet,
            tls=context,
            trusted_proxies=proxies.addresses,
        )


def _simulating(
    database: Database, url: str, tls: Tls | None, speed: float
) -> AbstractContextManager[None]:
    return simulating(
        url,
        issue_simulator_token(database, _now()),
        certificate=None if tls is None else tls.trusted,
        speed=speed,
        units=units_on_patrol(database, _now()),
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _greet(
    console: Console,
    url: str,
    lines: Iterable[str],
    file: CredentialsFile,
    made: list[Credential],
) -> None:
    """Passwords are shown when they are new, and again at a terminal, but not in a service's log."""
    console.print(f"Wangge is running at [bold]{url}[/bold] (Ctrl-C stops it)", soft_wrap=True)
    for line in lines:
        console.print(line, soft_wrap=True)
    shown = file.read() if made or console.is_terminal else []
    if shown:
        table = Table("username", "password", "role", box=None, pad_edge=False)
        for credential in shown:
            table.add_row(credential.username, credential.password, credential.role)
        console.print(table)
    help_in = (
        f"the first passwords are in {file.path} until they are changed"
        if file.path.exists()
        else "'wangge accounts password NAME' replaces a password that is forgotten"
    )
    console.print(f"Sign in at {url}; {help_in}", soft_wrap=True)
