from datetime import UTC, datetime

import pytest

from gis.errors import InstallationError, InvalidInput, NotFound
from layers.cameras.camera import Network
from layers.cameras.gb28181 import read_camera_code
from layers.cameras.streams import StreamSettings, sign, stream_of

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
KEY = "0123456789abcdef"
GOOD = "https://media.town/{code}.flv?e={expires}&t={token}"


def set_up(monkeypatch: pytest.MonkeyPatch, template: str, key: str = KEY) -> StreamSettings:
    quoted = f'{{"skyeye": {{"template": "{template}", "key": "{key}"}}}}'
    monkeypatch.setenv("WANGGE_STREAMS", quoted)
    return StreamSettings.from_environment()


def test_an_address_holds_the_camera_the_end_and_a_signature_of_both(monkeypatch):
    stream = stream_of(set_up(monkeypatch, GOOD), Network.SKYEYE, "1" * 20, NOW)
    expires = 1795766700
    token = sign(KEY, "1" * 20, expires)
    assert stream.url == f"https://media.town/{'1' * 20}.flv?e={expires}&t={token}"
    assert stream.expires_at.timestamp() == expires
    assert sign(KEY, "1" * 20, expires + 1) != token != sign(KEY + "0", "1" * 20, expires)


def test_a_network_that_is_not_set_up_has_none(monkeypatch):
    with pytest.raises(NotFound, match="WANGGE_STREAMS"):
        stream_of(set_up(monkeypatch, GOOD), Network.LANDWATCH, "1" * 20, NOW)


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("rtsp://admin:hunter2@10.0.0.1/{code}?e={expires}&t={token}", "user and a password"),
        ("https://m/{code}?password=hunter2&e={expires}&t={token}", "password or key"),
        ("https://m/{code}?e={expires}", "{token}"),
        ("https://m/{code}?e={expires}&t={token}&x={hunter2}", "no other"),
        ("https://m/{code.hunter2}?e={expires}&t={token}", "no other"),
        ("javascript:{code}{expires}{token}", "https://host/"),
        ("https://{code}/?e={expires}&t={token}", "https://host/"),
    ],
)
def test_what_would_tell_a_secret_or_is_no_address_is_refused_and_not_repeated(
    monkeypatch, template, why
):
    with pytest.raises(InstallationError, match="WANGGE_STREAMS") as caught:
        set_up(monkeypatch, template)
    assert why in caught.value.message
    assert "hunter2" not in caught.value.message


def test_a_short_key_and_what_is_no_json_are_refused(monkeypatch):
    with pytest.raises(InstallationError, match=r"skyeye\.key") as caught:
        set_up(monkeypatch, GOOD, key="hunter2")
    assert "hunter2" not in caught.value.message
    monkeypatch.setenv("WANGGE_STREAMS", "hunter2")
    with pytest.raises(InstallationError, match="JSON") as caught:
        StreamSettings.from_environment()
    assert "hunter2" not in caught.value.message


def test_a_key_is_in_no_representation(monkeypatch):
    settings = set_up(monkeypatch, GOOD)
    assert KEY not in repr(settings) + repr(settings.streams)


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("3207221001132000000", "20 digits"),
        ("3207221001132000000A", "20 digits"),
        ("3.20722E+19", "spreadsheet"),
        ("99072210011320000001", "no province"),
        ("32072210011180000001", "131 or 132"),
    ],
)
def test_what_is_no_camera_code_is_refused_with_the_reason(code, why):
    with pytest.raises(InvalidInput, match=why):
        read_camera_code(code)


def test_a_code_may_have_white_space_around_it():
    assert read_camera_code(" 32072210011320000001\n") == "32072210011320000001"
