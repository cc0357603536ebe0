"""Devices: each has an account of its own, whose one token posts the fixes of its unit and nothing else.

Every function is part of the caller's transaction and leaves its record on the audit.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.accounts.roles import Role
from api.accounts.service import create_account, issue_token
from api.accounts.sessions import delete_sessions
from data.audit import Who, record
from data.schema import accounts, devices, units
from data.scope import Viewer
from gis.crs import Crs
from gis.errors import Conflict, InvalidInput, NotFound
from patrol.devices.addressee import EnrolledDevice
from patrol.devices.jt808.bcd import text_to_number
from patrol.tracking.units import find_unit

_PROTOCOL = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_LONGEST_IDENTIFIER = 100

JT808 = "jt808"
"""The protocol of terminals, whose identifier is their number without zeros in front."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """What sends for a unit. `identifier` is what it calls itself in its `protocol`, `crs` what its
    positions are in; `account` is the name of its account."""

    id: int
    unit: str
    protocol: str
    identifier: str
    crs: Crs
    enrolled_at: datetime
    account: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolled:
    """`token` is told this once."""

    device: Device
    token: str


def list_devices(conn: Connection) -> list[Device]:
    """By unit, the earlier one first."""
    rows = conn.execute(_select_devices().order_by(units.c.code, devices.c.id))
    return [_device(row) for row in rows]


def find_device(conn: Connection, device_id: int) -> Device:
    """Raises NotFound."""
    row = conn.execute(_select_devices().where(devices.c.id == device_id)).one_or_none()
    if row is None:
        raise NotFound(
            f"There is no device {device_id}; GET /api/v1/devices lists them.",
            code="no_such_device",
        )
    return _device(row)


def find_enrolled(conn: Connection, protocol: str, names: Sequence[str]) -> EnrolledDevice | None:
    """The device of a protocol that calls itself by one of these names, the first that there is."""
    rows = conn.execute(
        select(units.c.code, devices.c.identifier, devices.c.crs)
        .join(units, units.c.id == devices.c.unit_id)
        .where(devices.c.protocol == protocol, devices.c.identifier.in_(names))
    ).all()
    row = min(rows, key=lambda row: names.index(row.identifier), default=None)
    if row is None:
        return None
    return EnrolledDevice(unit=row.code, identifier=row.identifier, crs=Crs(row.crs))


def enrol_device(
    conn: Connection,
    who: Who,
    *,
    unit: str,
    protocol: str,
    identifier: str,
    crs: Crs = Crs.WGS84,
    now: datetime,
) -> Enrolled:
    """A unit may have several. Raises NotFound for the unit, InvalidInput for words that cannot be, and
    Conflict for a device that is enrolled already."""
    if not _PROTOCOL.fullmatch(protocol):
        raise InvalidInput(
            "A protocol is a short word of small letters: osmand, traccar or owntracks, and wangge for "
            "programs that post the API's own JSON.",
            field="protocol",
        )
    if not (0 < len(identifier) <= _LONGEST_IDENTIFIER and identifier.isprintable()):
        raise InvalidInput(
            f"An identifier is 1 to {_LONGEST_IDENTIFIER} printable characters, as the device sends it.",
            field="identifier",
        )
    if protocol == JT808:
        identifier = text_to_number(identifier)
    unit_id = find_unit(conn, unit, Viewer.everything()).id
    device_id = _insert(
        conn,
        unit_id=unit_id,
        protocol=protocol,
        identifier=identifier,
        crs=crs.value,
        enrolled_at=now,
    )
    account_id = create_account(
        conn, username=f"device-{device_id}", password=None, role=Role.DEVICE
    )
    conn.execute(update(accounts).where(accounts.c.id == account_id).values(device_id=device_id))
    device = find_device(conn, device_id)
    token = _issue_token(conn, device, now)
    record(conn, who, "device.enrol", _subject(device), details=_details(device))
    record(conn, who, "token.create", _subject(device))
    return Enrolled(device=device, token=token)


def renew_token(conn: Connection, who: Who, device_id: int, now: datetime) -> str:
    """Another token; the one before ends. A terminal has to register again, and it may be another one.
    Raises NotFound."""
    device = find_device(conn, device_id)
    account_id = conn.scalar(select(accounts.c.id).where(accounts.c.device_id == device_id))
    assert account_id is not None
    delete_sessions(conn, account_id, kind="token")
    conn.execute(update(devices).where(devices.c.id == device_id).values(registered_as=None))
    token = _issue_token(conn, device, now)
    record(conn, who, "token.create", _subject(device))
    return token


def revoke_device(conn: Connection, who: Who, device_id: int) -> Device:
    """Its account and token go with it. What it sent stays. Raises NotFound."""
    device = find_device(conn, device_id)
    conn.execute(delete(devices).where(devices.c.id == device_id))
    record(conn, who, "device.revoke", _subject(device), details=_details(device))
    return device


def _insert(conn: Connection, **values: Any) -> int:
    try:
        with conn.begin_nested():
            device_id: int = conn.execute(
                insert(devices).values(**values).returning(devices.c.id)
            ).scalar_one()
            return device_id
    except IntegrityError as error:
        raise Conflict(
            f"The device {values['identifier']} is enrolled for {values['protocol']} already; revoke it "
            "there first.",
            code="device_enrolled",
            field="identifier",
        ) from error


def _issue_token(conn: Connection, device: Device, now: datetime) -> str:
    return issue_token(conn, device.account, now, client=f"{device.protocol} {device.identifier}")


def _select_devices() -> Select[tuple[int, str, str, str, str, datetime, str]]:
    return (
        select(
            devices.c.id,
            units.c.code.label("unit"),
            devices.c.protocol,
            devices.c.identifier,
            devices.c.crs,
            devices.c.enrolled_at,
            accounts.c.username.label("account"),
        )
        .join(units, units.c.id == devices.c.unit_id)
        .join(accounts, accounts.c.device_id == devices.c.id)
    )


def _device(row: Row[*tuple[Any, ...]]) -> Device:
    return Device(**{**row._mapping, "crs": Crs(row.crs)})


def _details(device: Device) -> dict[str, str]:
    """What the audit says of it."""
    crs = {} if device.crs is Crs.WGS84 else {"crs": device.crs.value}
    return {
        "unit": device.unit,
        "protocol": device.protocol,
        "identifier": device.identifier,
        **crs,
    }


def _subject(device: Device) -> str:
    return f"device {device.id}"
