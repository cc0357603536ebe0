"""Settings of the HTTP server: one class for each concern, read from the environment once."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from api.accounts.oidc.settings import OidcSettings
from api.accounts.settings import SignInSettings
from api.device_rates import DeviceRateSettings
from api.open311.settings import Open311Settings
from api.rates import RateSettings
from api.terminals.settings import TerminalSettings
from data.installation import Installation
from data.outbox import OutboxSettings
from layers.basemaps import BasemapSettings
from layers.cameras.streams import StreamSettings
from layers.tiles.archive import archives_dir
from patrol.cases.settings import CaseSettings
from patrol.citizens.settings import CitizenSettings
from patrol.photos.settings import PhotoSettings
from patrol.tracking.settings import PresenceSettings
from patrol.tracks.expiry import KeepSettings


def built_web_dir() -> Path:
    """Where `npm run build` puts the pages of a source checkout."""
    return Path(__file__).parent.parent / "web" / "dist"


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerSettings:
    """`web_dir` holds the built pages; while it does not exist, `/` says how to build them.

    `secret_key` (32 bytes) encrypts and signs what only this installation may read. One that is not
    kept makes what it encrypted unreadable after a restart. `oidc` is where else people may sign in.
    `keep` says how long positions are kept; without it nothing is dropped. `terminals` are the settings
    of the JT/T 808 door, where one is opened. `authority` is the
    certificate authority (PEM) that `/ca.crt` hands out; `https_only` tells browsers to come by https
    from now on; `streams` are the media gateways; `rates` says how often anybody may ask;
    `presence` when a unit counts as what; `basemaps` which maps of others there are; `archives_dir`
    holds layers written as files; `photos` says where those of cases are kept, `outbox` how messages
    are sent, `open311` what other systems are told, `citizens` what people without an account may do,
    `cases` what an installation decides about cases.
    """

    web_dir: Path = field(default_factory=built_web_dir)
    secret_key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    sign_in: SignInSettings = field(default_factory=SignInSettings.model_construct)
    oidc: OidcSettings | None = None
    keep: KeepSettings | None = None
    authority: bytes | None = None
    https_only: bool = False
    rates: RateSettings = field(default_factory=RateSettings.model_construct)
    device_rates: DeviceRateSettings = field(default_factory=DeviceRateSettings.model_construct)
    presence: PresenceSettings = field(default_factory=PresenceSettings.model_construct)
    terminals: TerminalSettings = field(default_factory=TerminalSettings.model_construct)
    streams: StreamSettings = field(default_factory=StreamSettings.model_construct)
    basemaps: BasemapSettings = field(default_factory=BasemapSettings)
    archives_dir: Path | None = None
    photos: PhotoSettings = field(default_factory=PhotoSettings.model_construct)
    outbox: OutboxSettings = field(default_factory=OutboxSettings.model_construct)
    open311: Open311Settings = field(default_factory=Open311Settings.model_construct)
    cases: CaseSettings = field(default_factory=CaseSettings.model_construct)
    citizens: CitizenSettings = field(default_factory=CitizenSettings.model_construct)

    @classmethod
    def of(cls, installation: Installation) -> Self:
        """As the environment and the data directory say."""
        return cls(
            keep=KeepSettings.from_environment(),
            oidc=OidcSettings.from_environment(),
            secret_key=installation.secret_key(),
            sign_in=SignInSettings.from_environment(),
            rates=RateSettings.from_environment(),
            device_rates=DeviceRateSettings.from_environment(),
            presence=PresenceSettings.from_environment(),
            terminals=TerminalSettings.from_environment(),
            streams=StreamSettings.from_environment(),
            basemaps=BasemapSettings.of(installation),
            archives_dir=archives_dir(installation.data_dir),
            photos=PhotoSettings.of(installation),
            outbox=OutboxSettings.from_environment(),
            open311=Open311Settings.from_environment(),
            cases=CaseSettings.from_environment(),
            citizens=CitizenSettings.from_environment(),
        )
