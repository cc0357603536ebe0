"""Services: the categories that may be reported by others."""

from collections.abc import Mapping

from fastapi import APIRouter
from fastapi.responses import Response

from api.access import PUBLIC
from api.context import Services, ServicesDep
from api.open311.access import OUR_JURISDICTION
from api.open311.answers import Entry, FormatInPath, listed, single
from api.open311.settings import Open311Settings
from gis.errors import NotFound
from patrol.categories.category import Category
from patrol.categories.field import CategoryField, FieldKind

router = APIRouter(dependencies=[PUBLIC, OUR_JURISDICTION])


@router.get("/services.{format}")
def list_services(form: FormatInPath, services: ServicesDep) -> Response:
    settings = services.settings.open311
    entries = [_entry(each, settings) for each in offered(services).values()]
    return listed(form, "services", "service", entries)


@router.get("/services/{code}.{format}")
def define_service(code: str, form: FormatInPath, services: ServicesDep) -> Response:
    """Its attributes are the fields of the category."""
    category = offered(services).get(code)
    if category is None:
        raise no_such_service(code)
    language = services.settings.open311.language
    attributes = [
        _attribute(each, order, language) for order, each in enumerate(category.fields, start=1)
    ]
    return single(form, "service_definition", {"service_code": code, "attributes": attributes})


def offered(services: Services) -> Mapping[str, Category]:
    """By code."""
    return services.settings.open311.listed(services.case_reader.categories())


def no_such_service(code: str) -> NotFound:
    return NotFound(
        f"service_code {code[:100]!r} was not found; see services.json.", field="service_code"
    )


def _entry(category: Category, settings: Open311Settings) -> Entry:
    return {
        "service_code": category.code,
        "service_name": settings.title_of(category),
        "description": f"{category.title_zh} {category.title_en}",
        "metadata": bool(category.fields),
        "type": "realtime",
        "keywords": ",".join(category.aliases),
        "group": category.parent or "",
    }


_DATATYPES = {
    FieldKind.TEXT: "string",
    FieldKind.NUMBER: "number",
    FieldKind.CHOICE: "singlevaluelist",
}


def _attribute(field: CategoryField, order: int, language: str) -> Entry:
    title = field.title_zh if language == "zh" else field.title_en
    return {
        "variable": True,
        "code": field.code,
        "datatype": _DATATYPES[field.kind],
        "required": field.required,
        "datatype_description": "",
        "order": order,
        "description": title,
        "values": [{"key": each, "name": each} for each in field.choices],
    }
