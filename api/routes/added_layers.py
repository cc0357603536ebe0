"""Layers that somebody adds, without a restart: from a file, or from a table or view of the database."""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Path, Request, status
from pydantic import BaseModel, ConfigDict, Field

from api.access import Caller, Permission, requires
from api.context import Services, ServicesDep
from api.routes.layers import LayerDescription, LayerTitle
from api.uploads import Received, form_body, received_files
from data.audit import record
from data.files import FeatureFile
from data.files.untrusted import SUFFIXES, StrangersFile, read_untrusted
from gis.errors import InvalidInput
from layers.catalog import Layer, Title
from layers.catalog.adding import (
    LayerDraft,
    add_from_file,
    add_from_view,
    change_layer,
    check_id,
    remove_layer,
    replace_features,
)
from layers.catalog.freshness import read_freshness
from layers.catalog.views import find_view

router = APIRouter(prefix="/layers", tags=["layers"])

MayAdminister = Annotated[Caller, requires(Permission.ADMINISTER)]
LayerId = Annotated[str, Path(alias="id", examples=["wells"])]

_MOST_ZOOM = 20
_FILES = {
    "type": "array",
    "items": {"type": "string", "format": "binary"},
    "description": f"One map: {', '.join(sorted(SUFFIXES))}; 64 MB in all.",
}
_READING = {
    "files": _FILES,
    "crs": {"type": "string", "description": "What the file is in."},
    "layer": {"type": "string", "description": "Of a file of many."},
    "encoding": {"type": "string", "description": "Of a shapefile's text."},
}


class LayerStyle(BaseModel):
    """How a layer is drawn; what is missing the page chooses."""

    model_config = ConfigDict(extra="forbid")

    color: Annotated[str | None, Field(pattern=r"^#[0-9A-Fa-f]{6}$", examples=["#1F5FBF"])] = None
    radius_px: Annotated[float | None, Field(gt=0, le=30)] = None
    width_px: Annotated[float | None, Field(gt=0, le=20)] = None
    opacity: Annotated[float | None, Field(ge=0, le=1)] = None


class ViewLayer(BaseModel):
    """`view` is a table or view, `schema.name`; `key` its column that tells one feature from another."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(max_length=48, examples=["wells"])]
    title: LayerTitle
    view: Annotated[str, Field(max_length=130, examples=["public.wells"])]
    key: Annotated[str, Field(max_length=63)] = "id"
    permission: Permission = Permission.READ_LAYERS
    style: LayerStyle = LayerStyle()
    minzoom: Annotated[int, Field(ge=0, le=_MOST_ZOOM)] = 0
    maxzoom: Annotated[int, Field(ge=0, le=_MOST_ZOOM)] = 16


class LayerChange(BaseModel):
    """What is left out stays."""

    model_config = ConfigDict(extra="forbid")

    title: LayerTitle | None = None
    permission: Permission | None = None
    style: LayerStyle | None = None


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    summary="Add a layer from a file",
    openapi_extra=form_body(
        {
            **_READING,
            "id": {"type": "string"},
            "title_zh": {"type": "string"},
            "title_en": {"type": "string"},
            "permission": {
                "type": "string",
                "description": "What whoever looks needs; else read_layers.",
            },
            "color": {"type": "string", "description": "#RRGGBB"},
        },
        required=("files", "id", "title_zh", "title_en"),
    ),
)
async def add_layer(
    request: Request, caller: MayAdminister, services: ServicesDep
) -> LayerDescription:
    async with received_files(request, suffixes=SUFFIXES) as received:
        layer = await to_thread.run_sync(_add, received, caller, services)
    return await to_thread.run_sync(_described, layer, services, request)


@router.post(
    "/views", status_code=status.HTTP_201_CREATED, summary="Add a layer from a table or view"
)
def add_view(
    request: Request, body: ViewLayer, caller: MayAdminister, services: ServicesDep
) -> LayerDescription:
    """It is asked as whoever looks, so a view must be one of `security_invoker`."""
    if body.minzoom > body.maxzoom:
        raise InvalidInput("minzoom is beyond maxzoom; turn them round.", field="minzoom")
    draft = LayerDraft(
        id=body.id,
        title=_title(body.title.zh, body.title.en),
        permission=body.permission,
        style=body.style.model_dump(exclude_none=True),
        minzoom=body.minzoom,
        maxzoom=body.maxzoom,
    )
    with services.database.begin() as conn:
        found = find_view(conn, body.view, key=body.key)
        layer = add_from_view(conn, draft, found, account_id=caller.account_id)
        details = {"view": found.name, "permission": layer.permission}
        record(conn, caller.who, "layer.add", f"layer {layer.id}", details=details)
    return _described(layer, services, request)


@router.put(
    "/{id}/features",
    summary="Put the features of another file in their place",
    openapi_extra=form_body(_READING),
)
async def put_features(
    request: Request, layer_id: LayerId, caller: MayAdminister, services: ServicesDep
) -> LayerDescription:
    async with received_files(request, suffixes=SUFFIXES) as received:
        layer = await to_thread.run_sync(_replace, layer_id, received, caller, services)
    return await to_thread.run_sync(_described, layer, services, request)


@router.patch("/{id}")
def patch_layer(
    request: Request,
    layer_id: LayerId,
    body: LayerChange,
    caller: MayAdminister,
    services: ServicesDep,
) -> LayerDescription:
    with services.database.begin() as conn:
        layer = change_layer(
            conn,
            layer_id,
            title=None if body.title is None else _title(body.title.zh, body.title.en),
            permission=body.permission,
            style=None if body.style is None else body.style.model_dump(exclude_none=True),
        )
        details = body.model_dump(exclude_none=True)
        record(conn, caller.who, "layer.change", f"layer {layer.id}", details=details)
    return _described(layer, services, request)


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_layer(layer_id: LayerId, caller: MayAdminister, services: ServicesDep) -> None:
    """A table or view itself stays."""
    with services.database.begin() as conn:
        layer = remove_layer(conn, layer_id)
        record(conn, caller.who, "layer.remove", f"layer {layer.id}")


def _add(received: Received, caller: Caller, services: Services) -> Layer:
    layer_id = received.field("id") or ""
    check_id(layer_id)  # before the file is read
    draft = LayerDraft(
        id=layer_id,
        title=_title(received.field("title_zh") or "", received.field("title_en") or ""),
        permission=_permission(received.field("permission")),
        style=LayerStyle(color=_color(received.field("color"))).model_dump(exclude_none=True),
    )
    file, label = _read(received)
    with services.database.begin() as conn:
        layer = add_from_file(conn, draft, file, label=label, account_id=caller.account_id)
        details = {
            "file": label,
            "features": len(file.features),
            "permission": layer.permission,
        }
        record(conn, caller.who, "layer.add", f"layer {layer.id}", details=details)
    return layer


def _replace(layer_id: str, received: Received, caller: Caller, services: Services) -> Layer:
    file, label = _read(received)
    with services.database.begin() as conn:
        layer = replace_features(conn, layer_id, file, label=label)
        details = {"file": label, "features": len(file.features)}
        record(conn, caller.who, "layer.replace", f"layer {layer.id}", details=details)
    return layer


def _read(received: Received) -> tuple[FeatureFile, str]:
    maps = read_untrusted(
        [StrangersFile(path=file.path, label=file.label) for file in received.files],
        crs=received.field("crs"),
        layer=received.field("layer"),
        encoding=received.field("encoding"),
    )
    if len(maps) != 1:
        raise InvalidInput(
            f"There are {len(maps)} maps among the files; a layer is made of one.", field="files"
        )
    [(source, file)] = maps
    return file, source.label


def _title(zh: str, en: str) -> Title:
    for name, text in (("title_zh", zh), ("title_en", en)):
        if not 1 <= len(text.strip()) <= 60 or not text.isprintable():
            raise InvalidInput(f"{name} is a title of 1 to 60 characters.", field=name)
    return Title(zh=zh.strip(), en=en.strip())


def _permission(word: str | None) -> Permission:
    if word is None:
        return Permission.READ_LAYERS
    try:
        return Permission(word)
    except ValueError as error:
        raise InvalidInput(
            f"{word[:40]!r} is no permission; they are {', '.join(Permission)}.", field="permission"
        ) from error


def _color(text: str | None) -> str | None:
    if text is not None and not (
        len(text) == 7 and text[0] == "#" and set(text[1:]) <= set("0123456789abcdefABCDEF")
    ):
        raise InvalidInput(f"{text[:20]!r} is no colour; write #1F5FBF.", field="color")
    return text


def _described(layer: Layer, services: Services, request: Request) -> LayerDescription:
    with services.database.begin() as conn:
        return LayerDescription.of(layer, read_freshness(conn).get(layer.id), request)
