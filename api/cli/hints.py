"""The option of the command line that mends what a message complains of."""

_OPTIONS = {
    "no_crs": "--crs",
    "unknown_crs": "--crs",
    "not_in_crs": "--crs",
    "several_layers": "--layer",
    "no_such_layer": "--layer",
    "bad_encoding": "--encoding",
    "no_code_column": "--code-field",
    "no_level": "--level",
    "bad_level": "--level",
    "findings": "--accept REASON",
}


def with_option(message: str, code: str | None) -> str:
    """The message with the option behind it; the message alone where none would help."""
    option = _OPTIONS.get(code or "")
    return f"{message} ({option})" if option else message
