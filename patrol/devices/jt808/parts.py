"""Messages in several parts, put together again (JT/T 808-2013 and -2019, 4.4.3 and 0x8003).

The parts of a message have consecutive sequence numbers. One that stays away is asked for, a few times;
then all of its message is forgotten, and the terminal, which got no answer, sends it again.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from msgspec.structs import replace

from patrol.devices.jt808.messages import Message

MOST_BYTES = 64 * 1024
"""Of all parts that wait in one link. The message that was begun first is forgotten for a new one."""

_BESIDE_BODY = 256  # an empty part takes memory too

ASK_AFTER_S = 5.0
MOST_ASKED = 3

_Key = tuple[int, int, int]


@dataclass(kw_only=True, slots=True)
class _Unfinished:
    first: Message  # any of the parts, with the sequence of the first one
    touched_s: float
    asked: int = 0
    parts: dict[int, Message] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return sum(len(part.body) + _BESIDE_BODY for part in self.parts.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class Whole:
    """`message` has the whole body and the sequence of the first part; `parts` are all of them."""

    message: Message
    parts: tuple[Message, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """Of the message that began with `first`."""

    first: Message
    indices: tuple[int, ...]


class Parts:
    """Those of one link. `now_s` is a clock that only goes forward."""

    def __init__(self) -> None:
        self._unfinished: OrderedDict[_Key, _Unfinished] = OrderedDict()

    def add(self, message: Message, now_s: float) -> Whole | None:
        """The whole message, when this part was the last that was missing."""
        part = message.part
        assert part is not None
        began = (message.sequence - part.index + 1) % 65536
        key = (message.id, began, part.total)
        found = self._unfinished.get(key)
        if found is None:
            found = _Unfinished(first=replace(message, sequence=began, body=b""), touched_s=now_s)
            self._unfinished[key] = found
        found.parts[part.index] = message
        found.touched_s = now_s
        if len(found.parts) == part.total:
            del self._unfinished[key]
            parts = tuple(found.parts[index] for index in range(1, part.total + 1))
            body = b"".join(each.body for each in parts)
            return Whole(message=replace(found.first, body=body, part=None), parts=parts)
        while sum(each.size for each in self._unfinished.values()) > MOST_BYTES:
            self._unfinished.popitem(last=False)
        return None

    def missing(self, now_s: float) -> list[Missing]:
        """What is to be asked for now. To be called now and then."""
        asked = []
        for key, found in list(self._unfinished.items()):
            if now_s - found.touched_s < ASK_AFTER_S:
                continue
            if found.asked == MOST_ASKED:
                del self._unfinished[key]
                continue
            found.asked += 1
            found.touched_s = now_s
            total = key[2]
            indices = tuple(i for i in range(1, total + 1) if i not in found.parts)
            asked.append(Missing(first=found.first, indices=indices[:_MOST_INDICES]))
        return asked


_MOST_INDICES = 255
"""In one request, whose count has one byte in 2013; the rest is asked for next time."""
