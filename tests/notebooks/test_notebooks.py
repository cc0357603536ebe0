"""The notebooks run against a server with the demo town, as an analyst would run them."""

from pathlib import Path

import jupytext
import pytest
from nbclient import NotebookClient
from playwright.sync_api import Page, expect

from tests.serving import Server

FOLDER = Path(__file__).parents[2] / "notebooks"


@pytest.mark.parametrize("source", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_a_notebook_runs_and_ends_with_a_map(
    source: Path,
    demo_server: Server,
    browser_page: Page,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("WANGGE_URL", demo_server.url)
    monkeypatch.setenv("WANGGE_TOKEN", demo_server.token("analyst"))
    notebook = jupytext.read(source, fmt="py:percent")
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(FOLDER)}}).execute()
    (shown,) = notebook.cells[-1].outputs
    file = tmp_path / "map.html"
    file.write_text(shown["data"]["text/html"])
    browser_page.goto(file.as_uri())
    layers = browser_page.frame_locator("iframe").locator(".leaflet-control-layers-overlays label")
    expect(layers).to_have_text(["密度 Density", "网格 Grids", "轨迹 Track", "人员 People"])
