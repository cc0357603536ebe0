"""Which rounds of a patrol plan are to be judged. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from patrol.plans.plan import Plan
from patrol.plans.rhythm import Round, longest_round, rounds_over
from patrol.tracks.renewed import RenewedTrack


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedPlan:
    """Its rounds that ended after `since` matter; those that ended by `judged_until` were judged."""

    plan: Plan
    since: datetime
    judged_until: datetime

    @property
    def begins_at(self) -> datetime:
        """No round that matters begins earlier."""
        return self.since - longest_round(self.plan.rhythm)

    def new(self, by: datetime) -> list[Round]:
        """Those that ended by then and were not judged yet, in the order of their ends."""
        return self._over(max(self.since, self.judged_until), by)

    def again(self, renewed: Sequence[RenewedTrack]) -> list[Round]:
        """Those that were judged, of a time in which tracks have come out differently."""
        if not renewed:
            return []
        return [
            each
            for each in self._over(self.since, self.judged_until)
            if any(
                track.since < each.ends_at and track.until >= each.begins_at for track in renewed
            )
        ]

    def concerned_by(self, renewed: Sequence[RenewedTrack]) -> list[RenewedTrack]:
        """Those tracks of units that count for it, in the time that was judged."""
        plan = self.plan
        return [
            track
            for track in renewed
            if track.since < self.judged_until
            and track.until >= self.begins_at
            and plan.role in (None, track.role)
            and plan.unit_id in (None, track.unit_id)
        ]

    def _over(self, after: datetime, by: datetime) -> list[Round]:
        plan = self.plan
        return rounds_over(
            plan.rhythm, after, by, valid_from=plan.valid_from, valid_to=plan.valid_to
        )
