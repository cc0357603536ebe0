"""The certificate authority, for phones and browsers that are to trust it."""

from fastapi import APIRouter, Response

from api.context import ServicesDep
from gis.errors import NotFound

router = APIRouter(tags=["health"])

_MEDIA_TYPE = "application/x-x509-ca-cert"


class CertificateResponse(Response):
    media_type = _MEDIA_TYPE


@router.get(
    "/ca.crt",
    summary="The certificate authority of this installation",
    response_class=CertificateResponse,
    responses={200: {"content": {_MEDIA_TYPE: {"schema": {"type": "string"}}}}},
)
async def read_authority(services: ServicesDep) -> Response:
    """PEM; 404 without TLS or with a certificate from elsewhere."""
    pem = services.settings.authority
    if pem is None:
        raise NotFound("This server has no certificate authority of its own: 'wangge up --tls'.")
    disposition = 'attachment; filename="wangge-ca.crt"'
    return CertificateResponse(pem, headers={"Content-Disposition": disposition})
