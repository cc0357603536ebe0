"""What the columns of another system's list are taken for."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from data.files.table import LAT, LON, column_named
from gis.errors import InvalidInput, UnreadableFile


class Field(StrEnum):
    """What a ticket can say."""

    NUMBER = "number"
    DESCRIPTION = "description"
    CATEGORY = "category"
    LON = "lon"
    LAT = "lat"
    CRS = "crs"
    ADDRESS = "address"
    REPORTER = "reporter"
    PHONE = "phone"
    TOLD_AT = "told_at"
    DUE_AT = "due_at"
    CLOSED_AT = "closed_at"
    STATUS = "status"
    URGENT = "urgent"


USUAL: Mapping[Field, Sequence[str]] = MappingProxyType(
    {
        Field.NUMBER: (
            *(
                "number",
                "external_number",
                "工单编号",
                "工单号",
                "工单流水号",
                "案件编号",
                "案卷编号",
            ),
            *("任务编号", "受理编号", "事件编号", "流水号", "编号", "ServiceRequestNum", "ticket"),
            *("service_request_id", "case_id", "Unique Key", "ticket_number", "id"),
        ),
        Field.DESCRIPTION: (
            *(
                "description",
                "诉求内容",
                "诉求描述",
                "问题描述",
                "事件描述",
                "案件描述",
                "主要内容",
            ),
            *("工单内容", "反映内容", "内容", "描述", "诉求标题", "标题", "Descriptor", "details"),
        ),
        Field.CATEGORY: (
            *("category", "诉求类别", "诉求类型", "问题类别", "问题类型", "事件类型", "案件类型"),
            *("类别", "类型", "SRType", "service_name", "service_code", "Complaint Type", "type"),
        ),
        Field.LON: LON,
        Field.LAT: LAT,
        Field.CRS: ("crs", "坐标系", "坐标系统", "坐标类型"),
        Field.ADDRESS: ("address", "地址", "诉求地址", "事发地址", "事件地址", "事发地点", "位置"),
        Field.REPORTER: ("reporter", "诉求人", "来电人", "反映人", "姓名", "联系人", "举报人"),
        Field.PHONE: ("phone", "联系电话", "来电号码", "联系方式", "电话", "手机号"),
        Field.TOLD_AT: (
            *("told_at", "reported_at", "受理时间", "来电时间", "登记时间", "上报时间", "诉求时间"),
            *("创建时间", "CreatedDate", "Created Date", "requested_datetime", "opened"),
        ),
        Field.DUE_AT: (
            *("due_at", "截止时间", "办理期限", "办结期限", "处置期限", "到期时间", "DueDate"),
            *("Due Date", "expected_datetime"),
        ),
        Field.CLOSED_AT: (
            *(
                "closed_at",
                "办结时间",
                "结案时间",
                "完成时间",
                "关闭时间",
                "CloseDate",
                "Closed Date",
            ),
        ),
        Field.STATUS: ("status", "状态", "办理状态", "工单状态", "案件状态", "SRStatus"),
        Field.URGENT: ("urgent", "紧急", "是否紧急", "紧急程度"),
    }
)
"""Names of columns, compared without case, spaces and underscores; the first that is there counts."""


def columns_of(label: str, header: Sequence[str], chosen: Mapping[str, str]) -> Mapping[Field, str]:
    """Which column holds what. `chosen` are names of columns with their field, or "" for none.

    Raises InvalidInput for a choice that cannot be, and UnreadableFile when what no ticket can do
    without is not found.
    """
    columns = columns_found(label, header, chosen)
    missing = fields_missing(columns)
    if missing:
        raise UnreadableFile(
            f"{label} has no column for {', '.join(missing)}; it has {', '.join(filter(None, header))}. "
            f"Say which it is: {header[0] or '列名'}={missing[0]}.",
            field="mapping",
        )
    return columns


def columns_found(
    label: str, header: Sequence[str], chosen: Mapping[str, str]
) -> Mapping[Field, str]:
    """The same, as far as they are there."""
    repeated = next((name for name in header if name and header.count(name) > 1), None)
    if repeated is not None:
        raise UnreadableFile(
            f"{label} has two columns called {repeated}; rename one.", field="files"
        )
    columns = {_field(word): name for name, word in chosen.items() if word}
    for name in chosen:
        if name not in header:
            raise InvalidInput(
                f"There is no column {name!r}; there are: {', '.join(filter(None, header))}.",
                field="mapping",
            )
    free = [name for name in header if name not in chosen]
    for each, usual in USUAL.items():
        found = column_named(free, usual)
        if each not in columns and found is not None:
            columns[each] = found
    return columns


def fields_missing(columns: Mapping[Field, str]) -> Sequence[Field]:
    """What no ticket can do without, and has no column."""
    missing = [each for each in (Field.NUMBER, Field.LON, Field.LAT) if each not in columns]
    if Field.DESCRIPTION not in columns and Field.CATEGORY not in columns:
        missing.append(Field.DESCRIPTION)
    return missing


def read_mapping(said: Sequence[str]) -> dict[str, str]:
    """Of `column=field`. Raises InvalidInput."""
    pairs = [each.partition("=") for each in said]
    for each, (name, sign, _) in zip(said, pairs, strict=True):
        if not sign or not name.strip():
            raise InvalidInput(
                f"{each!r} says no column: write 工单编号=number, or 备注= for a column to be left out.",
                field="mapping",
            )
    return {name.strip(): word.strip() for name, _, word in pairs}


def _field(word: str) -> Field:
    try:
        return Field(word)
    except ValueError:
        raise InvalidInput(
            f"A column cannot be {word!r}; choose one of {', '.join(Field)}.", field="mapping"
        ) from None
