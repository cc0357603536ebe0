"""The `wangge` command: one module for each group of subcommands."""


def main() -> None:
    """The entry point. The commands are imported here, so that Ctrl-C is quiet meanwhile too."""
    try:
        from api.cli.commands import run

        run()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
