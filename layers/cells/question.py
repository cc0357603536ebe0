"""What a computed layer is asked: what is counted, where, when and how finely."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gis.cells import FINEST
from gis.errors import InvalidInput
from gis.local_time import local_midnight
from layers.catalog.layer import Layer
from layers.selection import Selection, Span

LONGEST = timedelta(days=31)
"""Of a period in which tracks are looked at."""
MOST_WINDOWS = 12
TIME = "time"
"""What `of` says for the time that units spent somewhere; otherwise it names a layer of points."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """`of` is a layer, TIME, or None where the layer counts nothing else; `values` choose among its
    features. Without a `grid` it is about the part of the town that whoever asks sees. Without a
    `resolution` one is chosen. Hashable: part of the key of what is kept."""

    of: str | None
    values: tuple[tuple[str, str], ...] = ()
    grid: str | None = None
    resolution: int | None = None
    windows: int = 1
    span: Span | None = None

    @property
    def layer_id(self) -> str | None:
        """The layer that is counted; None: where units were is looked at."""
        return None if self.of == TIME else self.of

    def period(self, now: datetime) -> tuple[datetime, datetime]:
        """From when until when tracks are looked at: today, where no time is named.

        Raises InvalidInput for one without an end, and for one longer than LONGEST.
        """
        if self.span is None:
            return local_midnight(now), now
        since, until = self.span.since, self.span.until
        if since is None or until is None or until <= since:
            raise InvalidInput(
                "Tracks are looked at from one instant to a later one: write both, with a slash between "
                "them.",
                field="datetime",
            )
        if until - since > LONGEST:
            raise InvalidInput(
                f"Tracks are looked at for at most {LONGEST.days} days; ask in parts.",
                field="datetime",
                code="period_too_long",
            )
        return since, until


def read_question(layer: Layer, selection: Selection) -> Question:
    """From the choices of a selection. Raises InvalidInput, naming the parameter."""
    given = {}
    values = []
    for name, text in selection.choices:
        if name in layer.choices:
            given[name] = text
        elif "of" in layer.choices:
            values.append((name, text))
        else:
            raise InvalidInput(
                f"Layer {layer.id} has no field {name[:60]!r}; it has {', '.join(layer.fields)}, and is "
                f"asked with {', '.join(layer.choices)}.",
                field=name[:60],
                code="no_such_field",
            )
    question = Question(
        of=given.get("of", "cases") if "of" in layer.choices else None,
        values=tuple(values),
        grid=given.get("grid"),
        resolution=_whole(given, "resolution", 0, FINEST),
        windows=_whole(given, "windows", 1, MOST_WINDOWS) or 1,
        span=selection.span,
    )
    if question.of == TIME and layer.id == "hotspots":
        raise InvalidInput("Hot spots are of things that are counted; name a layer.", field="of")
    if question.of == TIME and values:
        raise InvalidInput(
            "The time that units spent somewhere is of all whom you see.", field=values[0][0][:60]
        )
    return question


def _whole(given: dict[str, str], name: str, least: int, most: int) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and least <= int(text[:9]) <= most):
        raise InvalidInput(f"{name} is a whole number from {least} to {most}.", field=name)
    return int(text)
