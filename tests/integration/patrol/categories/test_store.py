"""The administrator's categories: what is kept, and when a change of it is seen."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select

from data.audit import Who
from data.database import Database
from data.schema import audit_events, case_categories
from gis.errors import InvalidInput
from patrol.cases.rulebook import Rulebook
from patrol.categories.built_in import BUILT_IN
from patrol.categories.category import Category
from patrol.categories.store import lock_categories, read_categories, save_categories
from patrol.clocks.store import set_days

WHO = Who(account_id=None, name="管理员", role="admin", address=None)
LAMP = BUILT_IN["facility.lamp"]


def save(conn: Connection, *categories: Category) -> None:
    save_categories(conn, WHO, lock_categories(conn), categories)


def term(database: Database, rulebook: Rulebook) -> str:
    with database.begin() as conn:
        return rulebook.current(conn).categories.of("facility.lamp").term


def test_without_anything_changed_there_is_what_is_built_in(database: Database) -> None:
    with database.begin() as conn:
        assert list(read_categories(conn)) == list(BUILT_IN.values())


def test_a_row_is_kept_only_where_something_differs(database: Database) -> None:
    with database.begin() as conn:
        save(conn, replace(LAMP, term="1wd", photos=frozenset()), BUILT_IN["order.parking"])
        assert conn.scalars(select(case_categories.c.code)).all() == ["facility.lamp"]
        save(conn, LAMP)
        assert conn.scalar(select(func.count()).select_from(case_categories)) == 0


def test_what_one_process_changes_another_sees_in_its_next_transaction(database: Database) -> None:
    here, elsewhere = Rulebook(), Rulebook()
    for wanted in ("1wd", "2h", "3d"):
        assert term(database, elsewhere) != wanted
        with database.begin() as conn:
            save(conn, replace(LAMP, term=wanted))
            assert here.current(conn).categories.of(LAMP.code).term == wanted
        assert (term(database, here), term(database, elsewhere)) == (wanted, wanted)


def test_a_change_that_was_rolled_back_is_not_kept(database: Database) -> None:
    rulebook = Rulebook()
    with database.begin() as conn:
        save(conn, replace(LAMP, term="1wd"))
        rulebook.current(conn)
        conn.rollback()
    assert term(database, rulebook) == LAMP.term


def test_one_statement_is_enough_while_neither_changes(database: Database) -> None:
    rulebook = Rulebook()
    with database.begin() as conn:
        save(conn, replace(LAMP, term="1wd"))
        set_days(conn, WHO, [])
        first = rulebook.current(conn)
    statements: list[str] = []

    def hear(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", hear)
    with database.begin() as conn:
        again = rulebook.current(conn)
    event.remove(database.engine, "before_cursor_execute", hear)
    assert (again.categories, again.calendar) == (first.categories, first.calendar)
    assert len(statements) == 1


def test_what_is_changed_is_on_the_record(database: Database) -> None:
    new = replace(LAMP, code="facility.sign", number="010111", title_zh="门牌损坏")
    with database.begin() as conn:
        save(conn, new)
        save(conn, replace(new, active=False))
        save(conn, replace(new, active=False))
        save(conn, replace(LAMP, urgent=True), replace(new, term="2d"))
        rows = conn.execute(select(audit_events).order_by(audit_events.c.id)).all()
    told: list[tuple[str, str, Any]] = [(row.action, row.subject, row.details) for row in rows]
    assert told[0][:2] == ("category.create", "category facility.sign")
    assert told[0][2]["title_zh"] == "门牌损坏"
    assert told[1:] == [
        ("category.change", "category facility.sign", {"active": False}),
        (
            "category.import",
            "2 categories",
            {"codes": ["facility.lamp", "facility.sign"], "new": 0},
        ),
    ]


def test_of_a_list_with_one_bad_category_nothing_is_changed(database: Database) -> None:
    with pytest.raises(InvalidInput, match="0101 and two more"), database.begin() as conn:
        save(conn, replace(LAMP, term="1wd"), replace(LAMP, code="facility.x", number="9"))
    with database.begin() as conn:
        assert list(read_categories(conn)) == list(BUILT_IN.values())
