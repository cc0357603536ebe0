"""Making the staff, posts, units and accounts of a town's list.

An import only adds. Who is meant by a line is found by its username, else by its unit, else by name and
telephone; without a telephone the name alone must say it. What is there already is left alone, and what
is there otherwise is a problem of the line: nothing is overwritten.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from api.accounts import Role, administration
from api.accounts.entries import AccountSettings, find_entry
from api.staffing.people import appoint, create_staff
from api.staffing.sheet import Line, LineProblem
from api.staffing.units import create_unit
from data.audit import Who
from gis.errors import Conflict, NotFound, WanggeError
from patrol.duty.appointments import appointments_of
from patrol.duty.staff import Person, lock_person, people_named
from patrol.tracking.unit_register import UnitEntry, UnitKind
from patrol.tracking.unit_register import find_entry as find_unit


@dataclass(slots=True)
class Imported:
    """What was made. `unchanged` counts the lines that brought nothing new."""

    staff: int = 0
    posts: int = 0
    units: int = 0
    unchanged: int = 0
    usernames: dict[str, str] = field(default_factory=dict)  # of new accounts, with their holders
    problems: list[LineProblem] = field(default_factory=list)


def import_lines(
    conn: Connection,
    who: Who,
    lines: Sequence[Line],
    *,
    grids: Container[str] | None,
    password_hashes: Mapping[str, str],
    at: datetime,
) -> Imported:
    """Make what is missing, in the caller's transaction, which must not be committed if there are
    problems.

    `password_hashes` are by username, for the new accounts; one that is missing there gets no password.
    """
    importer = _Importer(conn, who, grids=grids, password_hashes=password_hashes, at=at)
    for line in lines:
        try:
            importer.take(line)
        except WanggeError as error:
            importer.made.problems.append(LineProblem(number=line.number, message=error.message))
    return importer.made


class _Importer:
    def __init__(
        self,
        conn: Connection,
        who: Who,
        *,
        grids: Container[str] | None,
        password_hashes: Mapping[str, str],
        at: datetime,
    ) -> None:
        self._conn = conn
        self._who = who
        self._grids = grids
        self._password_hashes = password_hashes
        self._at = at
        self.made = Imported()

    def take(self, line: Line) -> None:
        staff_id = self._find(line)
        is_new = staff_id is None
        if staff_id is None:
            person = Person(name=line.name, phone=line.phone)
            staff_id = create_staff(self._conn, self._who, person)
            self.made.staff += 1
        made = [
            self._appoint(line, staff_id),
            self._equip(line, staff_id),
            self._let_in(line, staff_id),
        ]
        self.made.unchanged += not is_new and not any(made)

    def _find(self, line: Line) -> int | None:
        """The number of whoever the line means; None for somebody new. Raises Conflict."""
        holder, carrier = self._holder(line), self._carrier(line)
        if holder is not None and carrier is not None and holder != carrier:
            raise Conflict(
                f"The account {line.username} and the unit {line.unit} are two people's here (staff "
                f"numbers {holder} and {carrier}); correct one of them."
            )
        staff_id = carrier if holder is None else holder
        if staff_id is None:
            return self._namesake(line)
        person = lock_person(self._conn, staff_id)
        if person.name != line.name:
            raise Conflict(
                f"What this line names is {person.name}'s here (staff number {staff_id}), not "
                f"{line.name}'s; correct the line, or hand it over first."
            )
        if line.phone not in (None, person.phone):
            raise Conflict(
                f"{line.name} has another telephone here (staff number {staff_id}); an import changes "
                "nobody: correct one of the two."
            )
        return staff_id

    def _holder(self, line: Line) -> int | None:
        settings = self._account(line)
        if settings is not None and settings.staff_id is None:
            raise Conflict(
                f"There is an account {line.username} that is nobody's on the staff; choose another "
                f"name, or give it to them: wangge accounts change {line.username} --staff ID."
            )
        return None if settings is None else settings.staff_id

    def _account(self, line: Line) -> AccountSettings | None:
        if line.username is None:
            return None
        try:
            return find_entry(self._conn, line.username).settings
        except NotFound:
            return None

    def _carrier(self, line: Line) -> int | None:
        unit = None if line.unit is None else find_unit(self._conn, line.unit)
        if unit is not None and unit.staff_id is None:
            raise Conflict(
                f"There is a unit {line.unit} that nobody carries; choose another code, or give it to "
                "them first."
            )
        return None if unit is None else unit.staff_id

    def _namesake(self, line: Line) -> int | None:
        namesakes = people_named(self._conn, line.name)
        if line.phone is not None:
            same = [number for number, each in namesakes.items() if each.phone == line.phone]
            without = [number for number, each in namesakes.items() if each.phone is None]
            if not same and without:
                raise Conflict(
                    f"A {line.name} is here without a telephone (staff number {without[0]}); write "
                    "theirs down first, so that it is clear who is meant."
                )
        else:
            same = list(namesakes)
        if len(same) > 1:
            raise Conflict(
                f"Several people are called {line.name} here (staff numbers "
                f"{', '.join(map(str, same))}); give their telephone, unit or account."
            )
        return same[0] if same else None

    def _appoint(self, line: Line, staff_id: int) -> bool:
        held = appointments_of(self._conn, [staff_id], self._at).get(staff_id, ())
        for post in held:
            if (post.role, post.grid_code, post.department) == (
                line.role,
                line.grid_code,
                line.department,
            ):
                if post.is_deputy is line.is_deputy:
                    return False
                now = "the deputy" if post.is_deputy else "the holder"
                raise Conflict(
                    f"{line.name} is {now} of that post here (post {post.id}); end that one first."
                )
        appoint(
            self._conn,
            self._who,
            staff_id,
            role=line.role,
            grid_code=line.grid_code,
            is_deputy=line.is_deputy,
            department=line.department,
            valid_from=self._at,
            grids=self._grids,
        )
        self.made.posts += 1
        return True

    def _equip(self, line: Line, staff_id: int) -> bool:
        if line.unit is None or find_unit(self._conn, line.unit) is not None:
            return False
        unit = UnitEntry(
            code=line.unit,
            kind=UnitKind.PERSON,
            name=line.name,
            role=line.role,
            staff_id=staff_id,
            grid_code=line.grid_code,
        )
        create_unit(self._conn, self._who, unit, grids=self._grids)
        self.made.units += 1
        return True

    def _let_in(self, line: Line, staff_id: int) -> bool:
        if line.username is None or self._account(line) is not None:
            return False
        administration.create_account(
            self._conn,
            self._who,
            line.username,
            AccountSettings(role=Role(line.role.value), staff_id=staff_id),
            password_hash=self._password_hashes.get(line.username),
            must_change=True,
            grids=self._grids,
            at=self._at,
        )
        self.made.usernames[line.username] = line.name
        return True
