"""A desk that takes photos of a case in the east, from 王 in the east and 赵 in the west."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from data.database import Database
from data.scope import Scope, Viewer
from patrol.photos.photo import Photo, PhotoRole
from patrol.photos.service import PhotoService, attach, of_case
from patrol.photos.storage import PhotoStorage
from tests.photos import photo

NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
EAST, WEST = "320722101001001", "320722101002001"
WANG = Viewer(scope=Scope.of(frozenset({EAST})), staff_id=1, account_id=1, only_self=True)
ZHAO = Viewer(scope=Scope.of(frozenset({WEST})), staff_id=2, account_id=2, only_self=True)
ADMIN = Viewer(scope=Scope.everything(), account_id=3)
SYSTEM = Viewer.everything()
CASE = 1  # in the east


@dataclass
class Desk:
    service: PhotoService
    application: Database
    storage: PhotoStorage
    folder: Path
    now: datetime = NOW
    sent: int = field(default=0)

    def add(self, viewer: Viewer, *, key: str | None = None, content: bytes | None = None) -> Photo:
        self.sent += 1
        path = self.folder / f"{self.sent}"
        path.write_bytes(photo() if content is None else content)
        return self.service.add(path, viewer, idempotency_key=key)

    def attach(self, viewer: Viewer, *photos: Photo | UUID, seq: int = 1) -> None:
        with self.application.begin(viewer) as conn:
            attach(
                conn,
                [each.id if isinstance(each, Photo) else each for each in photos],
                case_id=CASE,
                seq=seq,
                role=PhotoRole.REPORT,
                account_id=viewer.account_id,
            )

    def of_case(self, viewer: Viewer) -> list[Photo]:
        with self.application.begin(viewer) as conn:
            return of_case(conn, CASE)

    def files(self) -> set[str]:
        return {file.key for file in self.storage.files(f"{self.now:%Y/%m/%d}")}
