"""What `wangge up` keeps in the data directory and on the network before anything starts."""

import socket
from pathlib import Path

import pytest

from api.cli.address import reserve, url_of, urls_for_others
from api.cli.credentials import Credential, CredentialsFile
from api.cli.only_one import only_one
from gis.errors import Conflict, InstallationError

ADMIN = Credential(username="admin", password="p4ssword", role="admin")


def test_credentials_are_for_their_owner_only(tmp_path: Path) -> None:
    file = CredentialsFile(tmp_path)
    file.write([ADMIN])
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.read() == [ADMIN]
    assert not file.others_may_read()
    assert [path.name for path in tmp_path.iterdir()] == ["credentials.txt"]


def test_an_unfinished_file_of_a_start_that_died_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "credentials.unfinished").write_text("half")
    CredentialsFile(tmp_path).write([ADMIN])
    assert CredentialsFile(tmp_path).read() == [ADMIN]


def test_no_file_is_no_credentials(tmp_path: Path) -> None:
    assert CredentialsFile(tmp_path).read() == []


def test_a_file_that_others_may_read_is_noticed(tmp_path: Path) -> None:
    file = CredentialsFile(tmp_path)
    file.write([ADMIN])
    file.path.chmod(0o644)
    assert file.others_may_read()


def test_a_data_directory_has_one_server(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(Conflict, match="already running"), only_one(tmp_path):
        pass
    with only_one(tmp_path):
        pass


def test_a_data_directory_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InstallationError, match="--data"), only_one(tmp_path / "file" / "data"):
        pass


def test_a_taken_port_is_explained() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InstallationError, match=f"Port {port} is taken.*--port"):
            reserve("127.0.0.1", port)


def test_a_reserved_port_refuses_connections_until_the_server_listens() -> None:
    with reserve("127.0.0.1", 0) as bound:
        address = bound.getsockname()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address)
        bound.listen()
        socket.create_connection(address).close()


@pytest.mark.parametrize("host", ["203.0.113.1", "no such host"])
def test_an_address_of_another_machine_is_explained(host: str) -> None:
    with pytest.raises(InstallationError, match="address"):
        reserve(host, 0)


def test_the_url_is_one_that_a_browser_here_understands() -> None:
    with reserve("0.0.0.0", 0) as bound:
        assert url_of(bound) == f"http://127.0.0.1:{bound.getsockname()[1]}"


def test_the_url_for_others_is_an_address_that_they_can_reach() -> None:
    with reserve("0.0.0.0", 0) as bound:
        port = bound.getsockname()[1]
        urls = urls_for_others(bound, secure=True)
        assert all(url.startswith("https://") and url.endswith(f":{port}") for url in urls)
        assert not any("127.0.0.1" in url or "0.0.0.0" in url for url in urls)
    with reserve("127.0.0.1", 0) as bound:
        assert urls_for_others(bound) == []
