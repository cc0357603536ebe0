"""The lottery: random targets, and random inspectors for each, from a seed that nobody chose alone.

The State Council's office (国办发〔2015〕58号) wants targets and inspectors of a check drawn at random,
and the result made public. How a draw can be verified is the idea of RFC 3797: whatever decides it is
fixed and told before a public number is known, and a hash function does the rest.

    seed = DIGEST ":" SECRET ":" PUBLIC
    ticket of X = SHA-256 of seed "\\n" X, as hexadecimal digits

DIGEST is that of the lists, SECRET a word that the server commits to before and tells after, and PUBLIC
is read from somewhere that neither party governs: dice, or the lottery of a day to come.

The targets with the lowest tickets are inspected, in that order, X being `target` and the target's id.
To each go those with the fewest inspections so far, the lowest ticket deciding among them, X being
`inspector`, the target's id and the inspector's id. The parts of X are on lines of their own.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

from gis.errors import InvalidInput

_MOST_TARGETS = 20_000
_MOST_DRAWN = 2_000
_MOST_INSPECTORS = 1_000
_LONGEST_ID = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What is fixed before the seed is known, by ids: `targets_wanted` of the targets are inspected,
    each by a team of `team_size`. `avoided` are (inspector, target): those who may not meet.

    Raises InvalidInput for a lottery that could not be drawn.
    """

    targets: frozenset[str]
    inspectors: frozenset[str]
    targets_wanted: int
    team_size: int = 2
    avoided: frozenset[tuple[str, str]] = frozenset()

    def __post_init__(self) -> None:
        _check_ids("targets", self.targets, _MOST_TARGETS)
        _check_ids("inspectors", self.inspectors, _MOST_INSPECTORS)
        most = min(len(self.targets), _MOST_DRAWN)
        if not 1 <= self.targets_wanted <= most:
            raise InvalidInput(
                f"Of {len(self.targets)} targets, 1 to {most} can be drawn, not "
                f"{self.targets_wanted}.",
                field="targets_wanted",
            )
        if self.team_size < 1:
            raise InvalidInput("A team is one inspector or more.", field="team_size")
        for inspector, target in sorted(self.avoided):
            if target not in self.targets or inspector not in self.inspectors:
                raise InvalidInput(
                    f"{inspector!r} is to avoid {target!r}, and one of them is not on the lists.",
                    field="avoided",
                )
        kept_away = Counter(target for _, target in self.avoided)
        for target in sorted(self.targets):
            free = len(self.inspectors) - kept_away[target]
            if free < self.team_size:
                raise InvalidInput(
                    f"{free} inspectors may go to {target!r}, and a team is {self.team_size}; add "
                    "inspectors, or take smaller teams.",
                    field="inspectors",
                )

    def to_json(self) -> dict[str, Any]:
        """Everything in the order of ids, for the digest must not depend on how it was given."""
        return {
            "targets": sorted(self.targets),
            "inspectors": sorted(self.inspectors),
            "targets_wanted": self.targets_wanted,
            "team_size": self.team_size,
            "avoided": [list(pair) for pair in sorted(self.avoided)],
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Raises InvalidInput for what `to_json` does not give."""
        try:
            terms = cls(
                targets=frozenset(value["targets"]),
                inspectors=frozenset(value["inspectors"]),
                targets_wanted=int(value["targets_wanted"]),
                team_size=int(value["team_size"]),
                avoided=frozenset((inspector, target) for inspector, target in value["avoided"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidInput("These are no terms of a lottery.", field="terms") from error
        return terms

    @property
    def digest(self) -> str:
        """SHA-256 of the terms as JSON without spaces, in UTF-8, members in the order of `to_json`."""
        text = json.dumps(self.to_json(), ensure_ascii=False, separators=(",", ":"))
        return sha256(text.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """A target that was drawn, and those who inspect it, by ids in the order of drawing."""

    target: str
    inspectors: tuple[str, ...]


def commitment_to(secret: str) -> str:
    """What is told of the secret beforehand: SHA-256 of it."""
    return sha256(secret.encode()).hexdigest()


def draw(terms: Terms, *, secret: str, public: str) -> tuple[Assignment, ...]:
    """Draw. The same terms, secret and public number always give the same."""
    seed = f"{terms.digest}:{secret}:{public}"
    drawn = sorted(terms.targets, key=lambda target: _ticket(seed, "target", target))
    return tuple(_assign(terms, drawn[: terms.targets_wanted], seed))


def _assign(terms: Terms, targets: Sequence[str], seed: str) -> Iterator[Assignment]:
    load = Counter[str]()
    for target in targets:
        free = [one for one in terms.inspectors if (one, target) not in terms.avoided]
        free.sort(key=lambda one: (load[one], _ticket(seed, "inspector", target, one)))
        team = tuple(free[: terms.team_size])
        load.update(team)
        yield Assignment(target=target, inspectors=team)


def _ticket(seed: str, *parts: str) -> str:
    return sha256("\n".join((seed, *parts)).encode()).hexdigest()


def _check_ids(field: str, ids: frozenset[str], most: int) -> None:
    if not 1 <= len(ids) <= most:
        raise InvalidInput(f"There must be 1 to {most:,} {field}, not {len(ids)}.", field=field)
    for id_ in ids:
        if not (isinstance(id_, str) and 0 < len(id_) <= _LONGEST_ID and id_.isprintable()):
            raise InvalidInput(
                f"The ids of {field} are 1 to {_LONGEST_ID} printable characters.", field=field
            )
