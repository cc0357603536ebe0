"""Whether the process lives, and whether it can serve."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from api.context import ServicesDep
from gis.errors import InstallationError

router = APIRouter(tags=["health"])


class Health(BaseModel):
    status: Literal["alive", "ready"]


@router.get("/healthz", summary="Is the process alive?")
async def read_health() -> Health:
    return Health(status="alive")


@router.get("/readyz", summary="Is the database reachable and migrated?")
def read_readiness(services: ServicesDep) -> Health:
    if not services.database.is_migrated():
        raise InstallationError(
            "The database's schema is not the one of this version; restart 'wangge up' to migrate it."
        )
    return Health(status="ready")
