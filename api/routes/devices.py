"""Devices, for administrators: enrolling them, giving them a new token, revoking them."""

from datetime import UTC, datetime
from typing import Annotated

from anyio import from_thread
from fastapi import APIRouter, Path, status
from pydantic import BaseModel, ConfigDict

from api.access import Caller, Permission, requires
from api.accounts import devices
from api.accounts.devices import Device
from api.context import ServicesDep
from gis.crs import Crs

router = APIRouter(prefix="/devices", tags=["devices"])

MayAdminister = Annotated[Caller, requires(Permission.ADMINISTER)]
DeviceId = Annotated[int, Path(alias="id", ge=1, le=2**63 - 1)]


class DeviceItem(BaseModel):
    """What sends for `unit`. `identifier` is what it calls itself in its `protocol`, `crs` what its
    positions are in where they do not say."""

    id: int
    unit: str
    protocol: str
    identifier: str
    crs: Crs
    enrolled_at: datetime
    account: str

    @classmethod
    def of(cls, device: Device) -> "DeviceItem":
        return cls(
            id=device.id,
            unit=device.unit,
            protocol=device.protocol,
            identifier=device.identifier,
            crs=device.crs,
            enrolled_at=device.enrolled_at,
            account=device.account,
        )


class DeviceList(BaseModel):
    items: list[DeviceItem]


class NewDevice(BaseModel):
    model_config = ConfigDict(extra="forbid")

    unit: str
    protocol: str
    identifier: str
    crs: Crs = Crs.WGS84


class NewDeviceAnswer(BaseModel):
    """`token` is told this once."""

    device: DeviceItem
    token: str


class DeviceToken(BaseModel):
    """Told this once."""

    token: str


@router.get("", summary="Devices, by their unit")
def list_devices(_caller: MayAdminister, services: ServicesDep) -> DeviceList:
    with services.database.begin() as conn:
        found = devices.list_devices(conn)
    return DeviceList(items=[DeviceItem.of(device) for device in found])


@router.post("", status_code=status.HTTP_201_CREATED, summary="Enrol a device")
def enrol_device(body: NewDevice, caller: MayAdminister, services: ServicesDep) -> NewDeviceAnswer:
    """It posts fixes of its unit with the token, and can do nothing else. A unit may have several."""
    with services.database.begin() as conn:
        enrolled = devices.enrol_device(
            conn,
            caller.who,
            unit=body.unit,
            protocol=body.protocol,
            identifier=body.identifier,
            crs=body.crs,
            now=datetime.now(UTC),
        )
    return NewDeviceAnswer(device=DeviceItem.of(enrolled.device), token=enrolled.token)


@router.post("/{id}/token", summary="Give a device another token")
def renew_device_token(
    device_id: DeviceId, caller: MayAdminister, services: ServicesDep
) -> DeviceToken:
    """The one before ends at once."""
    with services.database.begin() as conn:
        token = devices.renew_token(conn, caller.who, device_id, datetime.now(UTC))
    from_thread.run_sync(services.identities.forget)
    return DeviceToken(token=token)


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT, summary="Revoke a device")
def revoke_device(device_id: DeviceId, caller: MayAdminister, services: ServicesDep) -> None:
    """Its token ends at once. What it has sent stays."""
    with services.database.begin() as conn:
        devices.revoke_device(conn, caller.who, device_id)
    from_thread.run_sync(services.identities.forget)
