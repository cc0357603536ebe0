"""The order: what a worker is told, in one line on its standard input."""

from typing import Self

from pydantic import BaseModel

from patrol.alerts.rules import AlertSettings
from patrol.tracking.settings import PresenceSettings
from patrol.tracks.expiry import KeepSettings


class Order(BaseModel):
    """`database_url` is the database as the role that stores fixes. It may hold a password, which a
    command line or an environment would show."""

    database_url: str
    keep: KeepSettings
    presence: PresenceSettings
    alerts: AlertSettings

    @classmethod
    def from_environment(cls, database_url: str) -> Self:
        """Raises InstallationError, which names the variable, for a value that cannot be."""
        return cls(
            database_url=database_url,
            keep=KeepSettings.from_environment(),
            presence=PresenceSettings.from_environment(),
            alerts=AlertSettings.from_environment(),
        )
