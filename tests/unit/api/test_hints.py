from api.cli.hints import with_option


def test_the_command_line_names_its_option() -> None:
    assert with_option("Name it as crs.", "no_crs") == "Name it as crs. (--crs)"
    assert with_option("It is empty.", "unreadable_file") == "It is empty."
    assert with_option("It is empty.", None) == "It is empty."
