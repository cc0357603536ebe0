"""The outbox of the simulator, over a server that is away, busy or forgetful."""

import json
from collections.abc import Callable

import httpx
import pytest

from api.cli.posting import Outbox, begin_duty
from gis.errors import InvalidInput, NotPermitted, NotSignedIn

Answer = Callable[[], httpx.Response]


def accept() -> httpx.Response:
    return httpx.Response(200, json={"accepted": 0, "duplicates": 0, "rejected": []})


def lose_the_answer() -> httpx.Response:
    raise httpx.ReadError("connection reset")


class Server:
    """Stores what it is sent, then answers from a list of answers, then accepts."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.received: list[list[int]] = []
        self.now_s = 0.0

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.received.append([fix["n"] for fix in json.loads(request.content)])
        return (self._answers.pop(0) if self._answers else accept)()

    def outbox(self) -> Outbox:
        transport = httpx.MockTransport(self.handle)
        client = httpx.Client(base_url="http://server", transport=transport)
        return Outbox(client, monotonic_s=lambda: self.now_s)


def fixes(count: int) -> list[dict[str, int]]:
    return [{"n": n} for n in range(count)]


def test_what_is_acknowledged_leaves_the_box() -> None:
    server = Server()
    outbox = server.outbox()
    outbox.add(fixes(3))
    outbox.send()
    outbox.send()
    assert server.received == [[0, 1, 2]]
    assert len(outbox) == 0


def test_many_fixes_go_in_several_requests_in_order() -> None:
    server = Server()
    outbox = server.outbox()
    outbox.add(fixes(2_500))
    outbox.send()
    assert [len(batch) for batch in server.received] == [1_000, 1_000, 500]
    assert [n for batch in server.received for n in batch] == list(range(2_500))


@pytest.mark.parametrize("failure", [lose_the_answer, lambda: httpx.Response(503)])
def test_a_batch_without_an_acknowledgement_is_sent_again(failure: Answer) -> None:
    server = Server(failure)
    outbox = server.outbox()
    outbox.add(fixes(2))
    outbox.send()
    assert len(outbox) == 2
    server.now_s += 0.5
    outbox.send()
    assert server.received == [[0, 1], [0, 1]]
    assert len(outbox) == 0


def test_the_pause_doubles_while_the_server_stays_away() -> None:
    server = Server(*[lose_the_answer] * 20)
    outbox = server.outbox()
    outbox.add(fixes(1))
    times = []
    while server.now_s < 60:
        before = len(server.received)
        outbox.send()
        if len(server.received) > before:
            times.append(server.now_s)
        server.now_s += 0.5
    assert times == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 30.5, 45.5]


def test_a_busy_server_says_how_long_to_wait() -> None:
    server = Server(lambda: httpx.Response(429, headers={"Retry-After": "7"}))
    outbox = server.outbox()
    outbox.add(fixes(1))
    outbox.send()
    server.now_s = 6.9
    outbox.send()
    assert len(server.received) == 1
    server.now_s = 7.0
    outbox.send()
    assert len(outbox) == 0


def test_refused_fixes_are_counted_and_not_sent_again() -> None:
    refusal = {"index": 0, "code": "unknown_unit", "message": "no such unit"}
    server = Server(lambda: httpx.Response(200, json={"rejected": [refusal]}))
    outbox = server.outbox()
    outbox.add(fixes(1))
    outbox.send()
    assert (outbox.rejected, len(outbox)) == (1, 0)


@pytest.mark.parametrize(
    ("status", "error"), [(401, NotSignedIn), (403, NotPermitted), (422, InvalidInput)]
)
def test_what_patience_cannot_mend_is_an_error(status: int, error: type[Exception]) -> None:
    server = Server(lambda: httpx.Response(status, json={"detail": "the reason"}))
    outbox = server.outbox()
    outbox.add(fixes(1))
    with pytest.raises(error, match="the reason"):
        outbox.send()


def test_everybody_begins_their_duty() -> None:
    asked: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url.path} {request.content.decode()}")
        return httpx.Response(200, json={})

    with httpx.Client(base_url="http://server", transport=httpx.MockTransport(handle)) as client:
        begin_duty(client, ["GW-01", "VH-01"])
    assert asked == [
        'POST /api/v1/units/GW-01/duty {"on":true}',
        'POST /api/v1/units/VH-01/duty {"on":true}',
    ]


def test_a_server_that_is_not_there_is_named() -> None:
    with (
        httpx.Client(base_url="http://127.0.0.1:1") as client,
        pytest.raises(InvalidInput, match=r"no server at http://127.0.0.1:1"),
    ):
        begin_duty(client, ["GW-01"])


def test_a_server_without_the_town_says_which_unit_it_does_not_know() -> None:
    answer = httpx.Response(404, json={"detail": "There is no unit GW-01."})
    transport = httpx.MockTransport(lambda _: answer)
    with (
        httpx.Client(base_url="http://server", transport=transport) as client,
        pytest.raises(InvalidInput, match="no unit GW-01"),
    ):
        begin_duty(client, ["GW-01"])
