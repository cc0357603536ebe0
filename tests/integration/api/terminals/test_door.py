"""Terminals over real TCP, against the whole application and its database."""

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import text

from api.accounts import Accounts, Identities, devices
from api.accounts.tokens import token_hash
from api.device_rates import DeviceRates, DeviceRateSettings
from api.settings import ServerSettings
from api.terminals import TerminalDoor, TerminalSettings
from data.audit import Who
from data.database import Database
from data.editions import GridIndexes
from gis.crs import Crs, to_wgs84
from patrol.devices.jt808.answers import RegisterResult, Result
from patrol.devices.jt808.frames import MARK
from patrol.devices.jt808.messages import Id, Part
from patrol.devices.jt808.session import MOST_FAULTS
from patrol.tracking.fix import Fix
from patrol.tracking.recorder import Recorder
from tests.integration.api.terminals.conftest import NUMBER, enrol, rows
from tests.serving import Server, serving
from tests.terminals import SOS, Terminal, batch_body, location_body

NOW = datetime.now(UTC).replace(microsecond=0)
FAR_MORE_THAN_THE_NETWORK_HOLDS = 100_000_000
POSITION = "SELECT code, at, lon, lat, sos_at FROM positions JOIN units ON units.id = unit_id"


def count(database: Database, table: str) -> int:
    [(found,)] = rows(database, f"SELECT count(*) FROM {table}")
    return int(found)


def quarantined(database: Database) -> list[tuple[object, ...]]:
    return rows(
        database,
        "SELECT unit, reason, payload -> 'sos', payload ? 'jt808' FROM quarantined_fixes ORDER BY id",
    )


@pytest.mark.parametrize("version", [None, 1], ids=["2013", "2019"])
def test_a_terminal_registers_authenticates_and_is_located(
    server: Server, version: int | None
) -> None:
    with Terminal(server.terminals, NUMBER, version=version) as terminal:
        terminal.come_in()
        assert terminal.ask(Id.HEARTBEAT) is Result.DONE
        assert terminal.locate(NOW, lon=118.6, lat=34.5) is Result.DONE
    [fix] = rows(
        server.database,
        "SELECT code, at, lon, lat, altitude_m, round(speed_mps::numeric, 4)::float8, heading_deg "
        "FROM fixes JOIN units ON units.id = unit_id",
    )
    assert fix == ("VH-01", NOW, 118.6, 34.5, 40.0, 1.6667, 90.0)


def test_a_terminal_that_knows_gcj_02_only_is_converted_and_both_are_kept(
    database: Database,
) -> None:
    enrol(database, crs=Crs.GCJ02)
    with serving(database) as server, Terminal(server.terminals, NUMBER) as terminal:
        terminal.come_in()
        assert terminal.locate(NOW, lon=118.6, lat=34.5) is Result.DONE
    lon, lat = to_wgs84(118.6, 34.5, Crs.GCJ02)
    [stored] = rows(database, "SELECT lon, lat, source_crs, source_lon, source_lat FROM fixes")
    assert stored == (float(lon), float(lat), "gcj02", 118.6, 34.5)


def test_a_code_is_good_for_the_next_connection_and_is_stored_as_its_hash(
    server: Server, terminal: Terminal
) -> None:
    code = terminal.come_in()
    with Terminal(server.terminals, NUMBER) as again:
        assert again.authenticate(code) is Result.DONE
    [(stored,)] = rows(server.database, "SELECT token_hash FROM sessions WHERE kind = 'terminal'")
    assert bytes(stored) == token_hash(code)
    [(details,)] = rows(
        server.database, "SELECT details FROM audit_events WHERE action = 'device.register'"
    )
    assert details == {"terminal": "wangg/BODY-1/7654321", "plate": "苏A12345"}


def test_a_terminals_code_opens_nothing_over_http(server: Server, terminal: Terminal) -> None:
    code = terminal.come_in()
    answer = httpx.post(
        f"{server.url}/api/v1/fixes", json=[], headers={"Authorization": f"Bearer {code}"}
    )
    assert answer.status_code == 401


def test_a_wrong_code_lets_nobody_in(server: Server, terminal: Terminal) -> None:
    terminal.come_in()
    with Terminal(server.terminals, NUMBER) as stranger:
        assert stranger.authenticate("guessed") is Result.FAILED
        assert stranger.locate(NOW) is Result.FAILED
    assert count(server.database, "fixes") == 0


def test_nobody_is_authenticated_who_never_registered(terminal: Terminal) -> None:
    assert terminal.authenticate("") is Result.FAILED


def test_the_token_of_the_enrolment_is_no_code(server: Server, terminal: Terminal) -> None:
    with server.database.begin() as conn:
        [(device_id,)] = conn.execute(text("SELECT id FROM devices"))
        token = devices.renew_token(conn, Who.at_the_machine(), device_id, NOW)
    assert terminal.authenticate(token) is Result.FAILED


def test_an_unknown_terminal_is_told_so(server: Server) -> None:
    with Terminal(server.terminals, "13800000000") as stranger:
        assert stranger.register() == (RegisterResult.NO_SUCH_TERMINAL, "")


def test_another_terminal_with_the_number_is_refused_until_the_administrator_renews_the_token(
    server: Server, terminal: Terminal
) -> None:
    code = terminal.come_in()
    with Terminal(server.terminals, NUMBER) as other:
        assert other.register("OTHER") == (RegisterResult.TERMINAL_TAKEN, "")
        with server.database.begin() as conn:
            [(device_id,)] = conn.execute(text("SELECT id FROM devices"))
            devices.renew_token(conn, Who.at_the_machine(), device_id, NOW)
        assert terminal.is_hung_up_on()
        assert other.authenticate(code) is Result.FAILED
        assert other.register("OTHER")[0] is RegisterResult.DONE


def test_nothing_is_taken_before_authentication(server: Server, terminal: Terminal) -> None:
    assert terminal.locate(NOW) is Result.FAILED
    assert terminal.ask(Id.HEARTBEAT) is Result.FAILED
    terminal.come_in()
    assert terminal.locate(NOW) is Result.DONE
    assert count(server.database, "fixes") == 1


def test_what_is_sent_behind_the_authentication_without_waiting_is_taken(
    server: Server, terminal: Terminal
) -> None:
    _, code = terminal.register()
    frames = [terminal.frame(Id.AUTHENTICATE, code.encode())]
    frames += [
        terminal.frame(Id.LOCATION, location_body(NOW - timedelta(seconds=s))) for s in range(200)
    ]
    terminal.socket.sendall(b"".join(frames))
    answers = [terminal.result() for _ in frames]
    assert [result for _, result in answers] == [Result.DONE] * 201
    sequences = [sequence for sequence, _ in answers]
    assert sequences == sorted(sequences)
    assert count(server.database, "fixes") == 200


def test_a_batch_is_stored_once_however_often_it_comes(server: Server, terminal: Terminal) -> None:
    terminal.come_in()
    bodies = [location_body(NOW - timedelta(seconds=s)) for s in range(10)]
    for _ in range(2):
        assert terminal.ask(Id.LOCATIONS, batch_body(bodies)) is Result.DONE
    assert count(server.database, "fixes") == 10


def test_a_bad_location_in_a_batch_costs_nothing_but_itself(
    server: Server, terminal: Terminal
) -> None:
    terminal.come_in()
    good = location_body(NOW)
    bodies = [good[:20], good[:22] + b"\xff" * 6, location_body(NOW, status=0), good]
    assert terminal.ask(Id.LOCATIONS, batch_body(bodies)) is Result.DONE
    assert count(server.database, "fixes") == 1
    assert [reason for _, reason, *_ in quarantined(server.database)] == [
        "bad_body",
        "bad_time",
        "no_fix",
    ]


def test_an_unusable_fix_is_acknowledged_and_quarantined(
    server: Server, terminal: Terminal
) -> None:
    terminal.come_in()
    assert terminal.locate(NOW, lon=40.058359, lat=116.307629) is Result.DONE
    assert count(server.database, "fixes") == 0
    [(unit, reason, *_)] = quarantined(server.database)
    assert (unit, reason) == ("VH-01", "swapped_coordinates")


def test_a_part_that_is_missing_is_asked_for_and_the_message_then_stored(
    server: Server, terminal: Terminal
) -> None:
    terminal.come_in()
    body = batch_body([location_body(NOW - timedelta(seconds=s)) for s in range(60)])
    pieces = [body[start : start + 601] for start in range(0, len(body), 601)]
    total = len(pieces)
    frames = [
        terminal.frame(Id.LOCATIONS, piece, part=Part(total=total, index=index))
        for index, piece in enumerate(pieces, 1)
    ]
    first = terminal.sequence - total + 1
    terminal.socket.sendall(frames[0] + frames[2])
    asked = terminal.receive()
    assert asked.id == Id.RESEND
    assert struct.unpack(">HBH", asked.body) == (first, 1, 2)
    assert count(server.database, "fixes") == 0
    terminal.socket.sendall(frames[1])
    answers = [terminal.result() for _ in pieces]
    assert answers == [(first + offset, Result.DONE) for offset in range(total)]
    assert count(server.database, "fixes") == 60


def test_a_reconnect_supersedes_the_old_link(server: Server, terminal: Terminal) -> None:
    code = terminal.come_in()
    with Terminal(server.terminals, NUMBER) as again:
        assert again.authenticate(code) is Result.DONE
        assert terminal.is_hung_up_on()
        assert again.locate(NOW) is Result.DONE


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM devices",
        "UPDATE accounts SET disabled = true",
        "DELETE FROM sessions WHERE kind = 'terminal'",
        "INSERT INTO role_permissions VALUES ('device', 'post_fixes_device', false)",
    ],
    ids=["revoked", "disabled", "its code ended", "the role may not"],
)
def test_a_terminal_that_may_no_longer_send_is_hung_up_on(
    server: Server, terminal: Terminal, change: str
) -> None:
    code = terminal.come_in()
    with server.database.begin() as conn:
        conn.execute(text(change))
    assert terminal.is_hung_up_on()
    with Terminal(server.terminals, NUMBER) as again:
        assert again.authenticate(code) is Result.FAILED


def test_somebody_elses_change_ends_no_link(server: Server, terminal: Terminal) -> None:
    terminal.come_in()
    enrol(server.database, "VH-02", "13900000000")
    with Terminal(server.terminals, "13900000000") as other:
        other.come_in()
        with server.database.begin() as conn:
            conn.execute(text("DELETE FROM devices WHERE identifier = '13900000000'"))
        assert other.is_hung_up_on()
    assert terminal.ask(Id.HEARTBEAT) is Result.DONE


def test_logging_out_ends_the_code_and_the_link(server: Server, terminal: Terminal) -> None:
    code = terminal.come_in()
    assert terminal.ask(Id.LOG_OUT) is Result.DONE
    assert terminal.is_hung_up_on()
    with Terminal(server.terminals, NUMBER) as again:
        assert again.authenticate(code) is Result.FAILED
        again.come_in()


def test_a_call_for_help_is_confirmed_and_shown(server: Server, terminal: Terminal) -> None:
    terminal.come_in()
    assert terminal.locate(NOW, alarms=SOS) is Result.ALARM_CONFIRMED
    [(_, _, _, _, sos_at)] = rows(server.database, POSITION)
    assert sos_at == NOW


def test_a_call_for_help_without_a_fix_stands_at_the_last_known_position(
    server: Server, terminal: Terminal
) -> None:
    terminal.come_in()
    before = NOW - timedelta(seconds=30)
    terminal.locate(before, lon=118.6, lat=34.5)
    [(seq,)] = rows(server.database, "SELECT seq FROM positions")
    assert terminal.locate(NOW, lon=1, lat=1, status=0, alarms=SOS) is Result.ALARM_CONFIRMED
    assert rows(server.database, POSITION) == [("VH-01", before, 118.6, 34.5, NOW)]
    assert rows(server.database, "SELECT seq FROM positions") > [(seq,)]
    assert quarantined(server.database) == [("VH-01", "no_fix", True, True)]


def test_off_duty_nothing_is_kept_and_no_call_is_confirmed(server: Server) -> None:
    enrol(server.database, "BR-01", "13900000001", kind="person")
    with Terminal(server.terminals, "13900000001") as recorder:
        recorder.come_in()
        assert recorder.locate(NOW) is Result.DONE
        assert recorder.locate(NOW, alarms=SOS) is Result.DONE
        assert recorder.locate(NOW, status=0, alarms=SOS) is Result.DONE
    assert count(server.database, "fixes") == count(server.database, "positions") == 0
    assert quarantined(server.database) == []
    assert rows(server.database, "SELECT fixes FROM off_duty_fixes") == [(3,)]


def test_an_encrypted_or_unknown_message_is_unsupported(terminal: Terminal) -> None:
    terminal.come_in()
    terminal.socket.sendall(terminal.frame(Id.LOCATION, location_body(NOW), encryption=1))
    assert terminal.result()[1] is Result.UNSUPPORTED
    assert terminal.ask(0x0900, b"\x00abc") is Result.UNSUPPORTED


def test_a_bad_checksum_costs_one_frame_and_many_the_link(
    server: Server, terminal: Terminal
) -> None:
    terminal.come_in()
    broken = bytearray(terminal.frame(Id.LOCATION, location_body(NOW)))
    broken[5] ^= 1
    terminal.socket.sendall(bytes(broken))
    assert terminal.locate(NOW) is Result.DONE
    terminal.socket.sendall(bytes(broken) * MOST_FAULTS)
    assert terminal.is_hung_up_on()
    assert count(server.database, "fixes") == 1


def test_a_stranger_may_not_send_much(server: Server) -> None:
    with Terminal(server.terminals, NUMBER) as stranger:
        stranger.socket.sendall(b"GET / HTTP/1.1\r\n" * 1000)
        assert stranger.is_hung_up_on()


def test_who_falls_silent_is_hung_up_on(database: Database) -> None:
    enrol(database)
    settings = ServerSettings(
        terminals=TerminalSettings.model_construct(idle_s=0.1, stranger_s=0.1)
    )
    with (
        serving(database, settings) as server,
        Terminal(server.terminals, NUMBER) as terminal,
        Terminal(server.terminals, NUMBER) as stranger,
    ):
        terminal.come_in()
        assert stranger.is_hung_up_on()
        assert terminal.is_hung_up_on()


def test_thousands_of_strangers_who_say_nothing_keep_nobody_out(database: Database) -> None:
    enrol(database)
    settings = ServerSettings(
        terminals=TerminalSettings.model_construct(most_connections=600, most_strangers=300)
    )
    with serving(database, settings) as server, Terminal(server.terminals, NUMBER) as early:
        early.come_in()
        strangers = [
            socket.create_connection(("127.0.0.1", server.terminals), timeout=20)
            for _ in range(2000)
        ]
        try:
            with Terminal(server.terminals, NUMBER) as late:
                late.come_in()
                assert late.locate(NOW) is Result.DONE
            for half in strangers[-200:]:
                half.sendall(MARK)
            with Terminal(server.terminals, NUMBER) as later:
                later.come_in()
        finally:
            for half in strangers:
                half.close()


def test_who_has_said_all_and_closes_their_half_is_answered(
    server: Server, terminal: Terminal
) -> None:
    terminal.come_in()
    sequence = terminal.send(Id.LOCATION, location_body(NOW))
    terminal.socket.shutdown(socket.SHUT_WR)
    assert terminal.result() == (sequence, Result.DONE)
    assert terminal.is_hung_up_on()
    assert count(server.database, "fixes") == 1


def test_one_that_floods_is_slowed_down_and_loses_nothing(database: Database) -> None:
    enrol(database)
    rates = DeviceRateSettings.model_construct(fixes_per_minute=60)
    with (
        serving(database, ServerSettings(device_rates=rates)) as server,
        Terminal(server.terminals, NUMBER) as terminal,
    ):
        terminal.come_in()
        began = time.monotonic()
        for part in range(2):
            bodies = [location_body(NOW - timedelta(seconds=30 * part + s)) for s in range(30)]
            terminal.socket.sendall(b"".join(terminal.frame(Id.LOCATION, b) for b in bodies))
        terminal.socket.sendall(terminal.frame(Id.LOCATION, location_body(NOW)))
        assert {terminal.result()[1] for _ in range(61)} == {Result.DONE}
        assert time.monotonic() - began > 0.5
        assert count(database, "fixes") == 60


def test_while_the_database_is_away_the_terminal_is_told_to_send_again(
    server: Server, terminal: Terminal
) -> None:
    terminal.come_in()
    assert terminal.locate(NOW - timedelta(seconds=1)) is Result.DONE
    with server.database.begin() as conn:
        conn.execute(text("SELECT pg_advisory_xact_lock(hashtext('positions'))"))
        sequence = terminal.send(Id.LOCATION, location_body(NOW))
        waiting = text(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() "
            "AND usename = 'wangge_tracking' AND wait_event = 'advisory'"
        )
        while (pid := conn.scalar(waiting)) is None:
            pass
        conn.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        assert terminal.result() == (sequence, Result.FAILED)
    assert terminal.locate(NOW) is Result.DONE
    assert count(server.database, "fixes") == 2


def waits_for_lock(database: Database) -> bool:
    return bool(
        rows(
            database,
            "SELECT FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event = 'advisory'",
        )
    )


@asynccontextmanager
async def door_of(recorder: Recorder, database: Database) -> AsyncIterator[int]:
    """The port of a door in this event loop, with a recorder of the test's own."""
    identities = Identities(Accounts(database, GridIndexes(database)), database)
    rates = DeviceRates(DeviceRateSettings.model_construct())
    door = TerminalDoor(database, recorder, identities, rates, TerminalSettings.model_construct())
    listener = socket.create_server(("127.0.0.1", 0))
    async with door.open(listener):
        yield listener.getsockname()[1]


def test_one_that_sends_faster_than_its_fixes_are_stored_is_held_back(database: Database) -> None:
    enrol(database)

    async def scene() -> int:
        async with (
            Recorder(database, GridIndexes(database)) as recorder,
            door_of(recorder, database) as port,
            await database.connect_async() as conn,
        ):
            with Terminal(port, NUMBER) as terminal:
                await asyncio.to_thread(terminal.come_in)
                await conn.execute("SELECT pg_advisory_lock(hashtext('positions'))")
                terminal.socket.setblocking(False)
                many = terminal.frame(Id.LOCATION, location_body(NOW)) * 1000
                sent = turns_held = 0
                while turns_held < 100 and sent < FAR_MORE_THAN_THE_NETWORK_HOLDS:
                    try:
                        sent += terminal.socket.send(many)
                        turns_held = 0
                    except BlockingIOError:
                        turns_held += 1
                    await asyncio.sleep(0)
            await conn.execute("SELECT pg_advisory_unlock(hashtext('positions'))")
            return sent

    assert asyncio.run(scene()) < FAR_MORE_THAN_THE_NETWORK_HOLDS


def test_while_too_many_fixes_wait_the_terminal_is_told_to_send_again(database: Database) -> None:
    enrol(database)

    def play(port: int) -> list[Result]:
        with Terminal(port, NUMBER) as one:
            one.come_in()
            return [one.locate(NOW)]

    async def scene() -> list[Result]:
        async with (
            Recorder(database, GridIndexes(database), most_waiting=0) as recorder,
            door_of(recorder, database) as port,
            await database.connect_async() as conn,
        ):
            await conn.execute("SELECT pg_advisory_lock(hashtext('positions'))")
            fix = Fix(unit="VH-01", at=NOW - timedelta(hours=1), lon=118.6, lat=34.5)
            waiting = [asyncio.create_task(recorder.record([fix]))]  # this one waits for the lock
            while not waits_for_lock(database):
                await asyncio.sleep(0)
            waiting += [asyncio.create_task(recorder.record([fix]))]  # and this one for that
            results = await asyncio.to_thread(play, port)
            await conn.execute("SELECT pg_advisory_unlock(hashtext('positions'))")
            await asyncio.gather(*waiting)
            return results + await asyncio.to_thread(play, port)

    assert asyncio.run(scene()) == [Result.FAILED, Result.DONE]
    assert count(database, "fixes") == 2
