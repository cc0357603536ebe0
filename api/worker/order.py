"""The order: what a worker is told, in one line on its standard input."""

from typing import Self

from pydantic import BaseModel

from data.installation import Databases
from patrol.alerts.rules import AlertSettings
from patrol.photos.settings import PhotoSettings
from patrol.tracking.settings import PresenceSettings
from patrol.tracks.expiry import KeepSettings


class Order(BaseModel):
    """`database_url` is the database as the role that stores fixes, `application_url` as the one that
    answers requests. They may hold a password, which a command line or an environment would show."""

    database_url: str
    application_url: str
    keep: KeepSettings
    presence: PresenceSettings
    alerts: AlertSettings
    photos: PhotoSettings

    @classmethod
    def from_environment(cls, databases: Databases, *, photos: PhotoSettings | None = None) -> Self:
        """`photos` as the server has them. Raises InstallationError, which names the variable, for a
        value that cannot be."""
        return cls(
            database_url=databases.tracking.whole_url,
            application_url=databases.application.whole_url,
            keep=KeepSettings.from_environment(),
            presence=PresenceSettings.from_environment(),
            alerts=AlertSettings.from_environment(),
            photos=photos or PhotoSettings.from_environment(),
        )
