"""What the log blanks."""

import logging

import pytest
import structlog

from api.cli.logs import configure_logs, without_secrets


@pytest.fixture(autouse=True)
def as_before():
    yield
    structlog.reset_defaults()
    logging.basicConfig(handlers=[logging.NullHandler()], level=logging.WARNING, force=True)


@pytest.mark.parametrize(
    "event",
    [
        {"password": "geheim"},
        {"old_password": "geheim"},
        {"Authorization": "Bearer geheim"},
        {"headers": {"cookie": "wangge_session=geheim"}},
        {"rows": [{"token": "geheim"}, {"apiKey": "geheim"}]},
        {"event": "GET / Authorization: Bearer geheim"},
        {"event": "cannot reach postgresql://wangge:geheim@db:5432/x"},
        {"event": "cookie wangge_session=geheim; Path=/"},
        {"conninfo": "host=x password=geheim"},
        {"event": "host=x password=geheim dbname=y"},
        {"event": "GET /ingest/osmand/geheim?lat=34.5 HTTP/1.1"},
        {"path": "/ingest/traccar/geheim"},
    ],
    ids=str,
)
def test_a_secret_is_blanked_wherever_it_is(event: dict) -> None:
    assert "geheim" not in str(without_secrets(None, "info", event))


def test_the_rest_is_left_alone() -> None:
    event = {"event": "database away", "path": "/api/v1/fixes", "count": 3, "ids": [1, 2]}
    assert without_secrets(None, "info", event) == event


def test_tracebacks_and_other_peoples_messages_are_blanked_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANGGE_DEBUG", "1")
    configure_logs()
    password = "geheim"
    try:
        raise ValueError(f"postgresql://wangge:{password}@db/x")
    except ValueError:
        structlog.get_logger("a").exception("it failed", incident="4711")
        logging.getLogger("b").error("bearer %s", password, exc_info=True)
    written = capsys.readouterr().err
    assert written.count("ValueError: postgresql://wangge:…@db/x") == 2
    assert "4711" in written
    assert "geheim" not in written
