from pathlib import Path

from patrol.figures.handbook import with_tables

PAGE = Path(__file__).parents[4] / "docs" / "figures.md"


def test_the_page_about_figures_has_the_tables_of_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == with_tables(page), "run: python -m patrol.figures.handbook docs/figures.md"
