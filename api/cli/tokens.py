"""`wangge tokens`: tokens for programs that call the API."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from api.accounts.administration import issue_token, revoke_tokens
from api.cli.options import DataOption, find_installation
from data.audit import Who

app = typer.Typer(help="Tokens for programs that call the API.", no_args_is_help=True)

AccountOption = Annotated[str, typer.Option("--account", metavar="NAME", help="Whose token.")]


@app.command("create")
def create(
    account: AccountOption,
    client: Annotated[
        str | None, typer.Option("--for", metavar="TEXT", help="What it is for.")
    ] = None,
    data: DataOption = None,
) -> None:
    """Print a new token, alone. It is valid until it is revoked, and cannot be shown again."""
    who, now = Who.at_the_machine(), datetime.now(UTC)
    with find_installation(data).open_database() as database, database.begin() as conn:
        token = issue_token(conn, who, account, client=client, now=now)
    typer.echo(token)


@app.command("revoke")
def revoke(account: AccountOption, data: DataOption = None) -> None:
    """Revoke every token of an account, at once. Its sessions in browsers go on."""
    with find_installation(data).open_database() as database, database.begin() as conn:
        count = revoke_tokens(conn, Who.at_the_machine(), account)
    typer.echo(f"{count} revoked")
