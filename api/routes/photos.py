"""Photos of cases: sending one, and looking at it."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Header, Path, Request, Response, status

from api.access import Caller, Permission, requires
from api.byte_ranges import part_of
from api.context import Services, ServicesDep
from api.photo_answers import PhotoAnswer
from api.photo_places import require_place
from api.uploads import form_body, received_files

router = APIRouter(prefix="/photos", tags=["cases"])

_JPEG = "image/jpeg"
# A photo never changes. What one account was shown, the next at the same browser is not.
_KEPT = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "Vary": "Authorization, Cookie",
}

MaySend = Annotated[Caller, requires(Permission.CREATE_CASES, Permission.ACT_ON_CASES)]
MayLook = Annotated[
    Caller, requires(Permission.READ_CASES, Permission.CREATE_CASES, Permission.ACT_ON_CASES)
]
PhotoId = Annotated[UUID, Path(alias="id")]

_BODY = form_body(
    {
        "files": {
            "type": "string",
            "format": "binary",
            "description": "One JPEG, PNG, WebP or HEIC of at most 20 MB.",
        }
    }
)
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {_JPEG: {}}, "description": "The picture"},
    206: {"content": {_JPEG: {}}, "description": "The part named by Range"},
    304: {"description": "The picture is still the one named by If-None-Match"},
    416: {"description": "The picture ends before the range begins"},
}


@router.post("", status_code=status.HTTP_201_CREATED, summary="Send a photo", openapi_extra=_BODY)
async def send_photo(
    request: Request,
    caller: MaySend,
    services: ServicesDep,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> PhotoAnswer:
    """It is encoded anew and everything else in the file is thrown away; what the camera said about
    where and when is read before, and answered. Name its `id` in a report or an action within 24 hours,
    or it is gone. Until then only the account that sent it sees it.

    The same file again under the same `Idempotency-Key` gives the same photo.
    """
    require_place(services)
    async with received_files(request, suffixes=None, most_files=1) as received:
        require_place(services)  # others came while this one was on its way
        [file] = received.files
        add = partial(
            services.photos.add, file.path, caller.viewer, idempotency_key=idempotency_key
        )
        # Those that wait do so here, and take no thread from others.
        return PhotoAnswer.of(await to_thread.run_sync(add, limiter=services.decoding))


@router.get("/{id}", summary="A photo", response_class=Response, responses=_PICTURE)
def get_photo(
    *,
    photo_id: PhotoId,
    caller: MayLook,
    services: ServicesDep,
    if_none_match: Annotated[str, Header()] = "",
    range_header: Annotated[str, Header(alias="Range")] = "",
    if_range: Annotated[str, Header()] = "",
) -> Response:
    """A JPEG of at most 2,560 pixels, upright and without metadata, for whoever sees its case."""
    answer = _picture(photo_id, caller, services, if_none_match, thumbnail=False)
    return part_of(answer, range_header, if_range) if answer.status_code == 200 else answer


@router.get("/{id}/thumbnail", summary="A small photo", response_class=Response, responses=_PICTURE)
def get_photo_thumbnail(
    photo_id: PhotoId,
    caller: MayLook,
    services: ServicesDep,
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    """The same of at most 320 pixels."""
    return _picture(photo_id, caller, services, if_none_match, thumbnail=True)


def _picture(
    photo_id: UUID, caller: Caller, services: Services, if_none_match: str, *, thumbnail: bool
) -> Response:
    photo = services.photos.find(photo_id, caller.viewer)
    etag = f'"{photo.sha256.hex()}{"-thumbnail" if thumbnail else ""}"'
    headers = {"ETag": etag, **_KEPT}
    if etag in if_none_match:
        return Response(status_code=304, headers=headers)
    content = services.photos.read(photo, thumbnail=thumbnail)
    return Response(content, media_type=_JPEG, headers={**headers, "Content-Disposition": "inline"})
