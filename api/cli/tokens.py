"""`wangge tokens`: tokens for programs that call the API."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich import print as print_rich

from api.accounts.service import issue_token
from api.accounts.store import delete_tokens_of
from api.cli.options import DataOption, find_installation

app = typer.Typer(help="Tokens for programs that call the API.", no_args_is_help=True)

AccountOption = Annotated[str, typer.Option("--account", metavar="NAME", help="Whose token.")]


@app.command("create")
def create(account: AccountOption, data: DataOption = None) -> None:
    """Print a new token, alone. It is valid until it is revoked, and cannot be shown again."""
    with find_installation(data).open_database() as database, database.begin() as conn:
        token = issue_token(conn, account, datetime.now(UTC))
    typer.echo(token)


@app.command("revoke")
def revoke(account: AccountOption, data: DataOption = None) -> None:
    """Revoke every token of an account, at once. Its sessions in browsers go on."""
    with find_installation(data).open_database() as database, database.begin() as conn:
        count = delete_tokens_of(conn, account)
    print_rich(f"{count} revoked")
