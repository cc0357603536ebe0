"""Reports that make themselves."""

from datetime import UTC, datetime

from sqlalchemy import text

from data.background import WANGGE
from data.database import Database
from data.editions import GridIndexes
from data.installation import Databases
from data.scope import Viewer
from patrol.reports.kind import ReportKind
from patrol.reports.service import ReportService
from tests.morning import make_town

NIGHT = datetime(2026, 4, 1, 3, 20, tzinfo=UTC)


def test_in_the_night_after_a_month_the_reports_of_the_town_and_its_grids_are_made_once(
    database: Database,
) -> None:
    make_town(database)
    with database.begin() as conn:
        grids = conn.scalar(text("SELECT count(*) FROM grids WHERE level = 1"))
    with Databases.beside(database) as databases:
        application = databases.application
        service = ReportService(application, GridIndexes(application), lambda: NIGHT)
        assert service.make_last(ReportKind.MONTH, WANGGE) == 0, "no case is that old"
        with database.begin() as conn:
            conn.execute(
                text(
                    "INSERT INTO cases (number, state, source, category, description, geom, "
                    "reported_at) VALUES ('C1', 'filed', 'patrol', 'other', '', "
                    "'SRID=4326;POINT(118.65 34.5)', '2026-03-10T04:00Z')"
                )
            )
        assert service.make_last(ReportKind.MONTH, WANGGE) == 1 + grids
        assert service.make_last(ReportKind.MONTH, WANGGE) == 0
        found = service.list(Viewer.everything(), kind=ReportKind.MONTH)
        assert len(found) == 1 + grids
        assert {each.made_by for each in found} == {"wangge"}
        assert {each.about.period.until for each in found} == {
            datetime(2026, 3, 31, 16, tzinfo=UTC)
        }
