"""The order: what a worker is told, in one line on its standard input."""

import base64
from typing import Self

from pydantic import Base64Bytes, BaseModel

from data.installation import Databases
from data.outbox import OutboxSettings
from patrol.alerts.rules import AlertSettings
from patrol.cases.settings import CaseSettings
from patrol.photos.settings import PhotoSettings
from patrol.tracking.settings import PresenceSettings
from patrol.tracks.expiry import KeepSettings


class Order(BaseModel):
    """`database_url` is the database as the role that stores fixes, `application_url` as the one that
    answers requests. They may hold a password, which a command line or an environment would show;
    so it is with `secret_key`, which opens the channels of the outbox."""

    database_url: str
    application_url: str
    keep: KeepSettings
    presence: PresenceSettings
    alerts: AlertSettings
    cases: CaseSettings
    photos: PhotoSettings
    outbox: OutboxSettings
    secret_key: Base64Bytes

    @classmethod
    def from_environment(
        cls, databases: Databases, secret_key: bytes, *, photos: PhotoSettings | None = None
    ) -> Self:
        """`photos` as the server has them. Raises InstallationError, which names the variable, for a
        value that cannot be."""
        return cls(
            database_url=databases.tracking.whole_url,
            application_url=databases.application.whole_url,
            keep=KeepSettings.from_environment(),
            presence=PresenceSettings.from_environment(),
            alerts=AlertSettings.from_environment(),
            cases=CaseSettings.from_environment(),
            photos=photos or PhotoSettings.from_environment(),
            outbox=OutboxSettings.from_environment(),
            secret_key=base64.b64encode(secret_key),
        )
