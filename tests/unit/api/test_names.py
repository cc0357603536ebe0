"""What stands in for a person's name."""

from api.names import Names

SHOWN, HIDDEN = Names(True), Names(False)


def test_whoever_may_read_names_reads_them() -> None:
    assert SHOWN.of_unit("王小明", "GW-001") == "王小明"
    assert SHOWN.of_post("王小明", "grid_worker") == "王小明"
    assert SHOWN.of_staff("王小明", 7) == "王小明"
    assert SHOWN.of_actor("王小明", 12) == "王小明"
    assert SHOWN.in_text("请联系 13812345678") == "请联系 13812345678"


def test_everybody_else_is_shown_what_tells_people_apart_and_no_more() -> None:
    assert HIDDEN.of_unit("王小明", "GW-001") == "GW-001"
    assert HIDDEN.of_post("王小明", "grid_worker") == "grid_worker"
    assert HIDDEN.of_staff("王小明", 7) == "#7"
    assert HIDDEN.of_actor("王小明", 12) == "#12"
    assert HIDDEN.of_actor("system", None) == "system"
    assert HIDDEN.in_text("请联系 13812345678") == "请联系 138****5678"


def test_a_reporters_number_is_masked_even_where_names_are_shown() -> None:
    assert SHOWN.of_reporter("赵女士 13812345678") == "赵女士 138****5678"
    assert SHOWN.of_reporter(None) is None
    assert HIDDEN.of_reporter("赵女士 13812345678") is None
