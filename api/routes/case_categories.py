"""Categories of cases as the administrator edits them: one by one, and as a table."""

import io
from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field

from api.access import Caller, Permission, requires
from api.case_answers import CategoryAnswer
from api.category_files import write_categories
from api.context import Services, ServicesDep
from api.uploads import form_body, received_files
from data.files.rows import ROW_SUFFIXES
from data.files.untrusted import StrangersFile
from data.files.untrusted_rows import read_untrusted_rows
from patrol.categories.alias import MOST_ALIASES
from patrol.categories.category import Category, CategoryKind, DispatchRule, PhotoNeed
from patrol.categories.entry import read_category
from patrol.categories.field import MOST_CHOICES, MOST_FIELDS, FieldKind, read_field
from patrol.categories.store import (
    CategoryChange,
    changes_of,
    lock_categories,
    read_categories,
    require_built_in,
    require_new,
    require_there,
    require_version,
    save_categories,
)
from patrol.categories.table import CategoryTable, read_table
from patrol.categories.tree import Categories

router = APIRouter(prefix="/cases/categories", tags=["cases"])

MayAdminister = Annotated[Caller, requires(Permission.ADMINISTER)]
_TABLE = form_body(
    {
        "files": {
            "type": "array",
            "maxItems": 1,
            "items": {"type": "string", "format": "binary"},
            "description": f"One of {', '.join(sorted(ROW_SUFFIXES))}.",
        }
    }
)
_MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class FieldBody(BaseModel):
    """What is asked about a case beside its description; `choices` where `kind` is one."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(examples=["plate"])]
    title_zh: Annotated[str, Field(examples=["车牌号"])]
    title_en: str | None = None
    kind: FieldKind = FieldKind.TEXT
    required: bool = False
    choices: Annotated[list[str], Field(max_length=MOST_CHOICES)] = []


class CategoryBody(BaseModel):
    """What is left out is as a new category has it: the kind of its parent, the number that it has or
    the next free one, the Chinese title in English too, photos of what is dealt with on the spot."""

    model_config = ConfigDict(extra="forbid")

    parent: Annotated[str | None, Field(examples=["environment"])] = None
    number: str | None = None
    kind: CategoryKind | None = None
    title_zh: Annotated[str, Field(examples=["飞线充电"])]
    title_en: str | None = None
    term: Annotated[str, Field(examples=["1d"], description="A rule in its short form.")]
    urgent: bool = False
    department: str | None = None
    photos: list[PhotoNeed] = [PhotoNeed.BEFORE, PhotoNeed.AFTER]
    dispatch: DispatchRule = DispatchRule.GRID
    active: bool = True
    fields: Annotated[list[FieldBody], Field(max_length=MOST_FIELDS)] = []
    aliases: Annotated[
        list[str],
        Field(
            max_length=MOST_ALIASES,
            description="What other systems call it, such as a hotline; none is a name of another one.",
            examples=[["电动车飞线", "飞线"]],
        ),
    ] = []


class NewCategory(CategoryBody):
    code: Annotated[str, Field(examples=["safety.charging"])]


class ChangedCategory(CategoryBody):
    version: Annotated[
        str | None, Field(description="Of the category that was looked at, as it was listed.")
    ] = None


class CategoryChangeItem(BaseModel):
    """`fields` are those that become another; of a new category none. `becomes` is what it is then."""

    code: str
    title_zh: str
    fields: list[str]
    becomes: CategoryAnswer

    @classmethod
    def of(cls, change: CategoryChange, among: Categories) -> "CategoryChangeItem":
        category = change.category
        return cls(
            code=category.code,
            title_zh=category.title_zh,
            fields=list(change.fields),
            becomes=CategoryAnswer.of(category, among),
        )


class CategoryRowProblem(BaseModel):
    """`row` is numbered as a spreadsheet does; `field` is the column that it is about, if it is one."""

    row: int
    message: str
    code: str
    field: str | None


class CategoryImportAnswer(BaseModel):
    """With `problems` nothing is changed, and nothing would be."""

    new: list[CategoryChangeItem]
    changed: list[CategoryChangeItem]
    unchanged: int
    problems: list[CategoryRowProblem]

    @classmethod
    def of(
        cls, table: CategoryTable, changes: list[CategoryChange], before: Categories
    ) -> "CategoryImportAnswer":
        among = before.with_changed(each.category for each in changes)
        return cls(
            new=[CategoryChangeItem.of(each, among) for each in changes if each.is_new],
            changed=[CategoryChangeItem.of(each, among) for each in changes if not each.is_new],
            unchanged=len(table.categories) - len(changes),
            problems=[
                CategoryRowProblem(
                    row=each.row, message=each.message, code=each.code, field=each.field
                )
                for each in table.problems
            ],
        )


@router.post("", status_code=status.HTTP_201_CREATED, summary="Add a category")
def create_case_category(
    body: NewCategory, caller: MayAdminister, services: ServicesDep
) -> CategoryAnswer:
    """Below a main category, or a main category itself. A code is never used for something else."""
    with services.database.begin() as conn:
        before = lock_categories(conn)
        require_new(before, body.code)
        category = _read(body, body.code, before)
        save_categories(conn, caller.who, before, [category])
        return CategoryAnswer.of(category, before.with_changed([category]))


@router.get(
    "/export",
    summary="All categories as a table",
    response_class=Response,
    responses={
        200: {"content": {kind: {"schema": {"type": "string"}} for kind in _MEDIA_TYPES.values()}}
    },
)
def export_case_categories(
    _caller: MayAdminister,
    services: ServicesDep,
    file_format: Annotated[Literal["csv", "xlsx"], Query(alias="format")] = "csv",
) -> Response:
    """Which `POST /cases/categories/import` takes."""
    with services.database.begin() as conn:
        categories = read_categories(conn)
    out = io.BytesIO()
    write_categories(out, file_format, categories)
    return Response(
        out.getvalue(),
        media_type=_MEDIA_TYPES[file_format],
        headers={"Content-Disposition": f'attachment; filename="categories.{file_format}"'},
    )


@router.post("/import", summary="Add and change categories from a table", openapi_extra=_TABLE)
async def import_case_categories(
    request: Request,
    caller: MayAdminister,
    services: ServicesDep,
    *,
    preview: Annotated[bool, Query(description="Only say what would change.")] = False,
) -> CategoryImportAnswer:
    """Columns as in an export; code, title_zh and term (代码, 名称, 时限) are needed. All of its rows
    are taken, or none: 422 `bad_rows` names those that cannot be used. Other categories stay."""
    async with received_files(request, suffixes=ROW_SUFFIXES, most_files=1) as received:
        [file] = received.files
        table = StrangersFile(path=file.path, label=file.label)
        return await to_thread.run_sync(_import, table, preview, caller, services)


@router.put("/{code}", summary="Change a category")
def change_case_category(
    code: Annotated[str, Path(examples=["environment.garbage"])],
    body: ChangedCategory,
    caller: MayAdminister,
    services: ServicesDep,
) -> CategoryAnswer:
    """Holds for what is reported from now on; a case keeps the term that it was filed with. With a
    `version` 409 `category_changed` when somebody else has changed it since."""
    with services.database.begin() as conn:
        before = lock_categories(conn)
        require_version(require_there(before, code), body.version)
        category = _read(body, code, before)
        save_categories(conn, caller.who, before, [category])
        return CategoryAnswer.of(category, before.with_changed([category]))


@router.post("/{code}/restore", summary="Set a category back to what is built in")
def restore_case_category(
    code: Annotated[str, Path(examples=["environment.garbage"])],
    caller: MayAdminister,
    services: ServicesDep,
) -> CategoryAnswer:
    """409 `not_built_in` for one that was added here."""
    with services.database.begin() as conn:
        before = lock_categories(conn)
        require_there(before, code)
        category = require_built_in(code)
        save_categories(conn, caller.who, before, [category])
        return CategoryAnswer.of(category, before.with_changed([category]))


def _read(body: CategoryBody, code: str, before: Categories) -> Category:
    return read_category(
        before,
        code=code,
        title_zh=body.title_zh,
        title_en=body.title_en,
        term=body.term,
        parent=body.parent,
        number=body.number,
        kind=body.kind,
        urgent=body.urgent,
        department=body.department,
        photos=body.photos,
        dispatch=body.dispatch,
        active=body.active,
        fields=[read_field(**each.model_dump()) for each in body.fields],
        aliases=body.aliases,
    )


def _import(
    file: StrangersFile, preview: bool, caller: Caller, services: Services
) -> CategoryImportAnswer:
    rows = read_untrusted_rows(file)
    with services.database.begin() as conn:
        before = read_categories(conn) if preview else lock_categories(conn)
        table = read_table(file.label, rows, before)
        if preview:
            return CategoryImportAnswer.of(table, changes_of(before, table.categories), before)
        changes = save_categories(conn, caller.who, before, table.whole())
    return CategoryImportAnswer.of(table, changes, before)
