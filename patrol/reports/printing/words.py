"""The words of printed reports."""

from collections.abc import Mapping
from types import MappingProxyType

from gis.hot_spots import Trend
from patrol.figures.figure import Standing
from patrol.figures.ranking import Of
from patrol.reports.kind import ReportKind

Word = Mapping[str, str]
"""By language: zh, en."""


def _word(zh: str, en: str) -> Word:
    return MappingProxyType({"zh": zh, "en": en})


KINDS: Mapping[ReportKind, Word] = {
    ReportKind.WEEK: _word("周报", "Weekly report"),
    ReportKind.MONTH: _word("月报", "Monthly report"),
    ReportKind.QUARTER: _word("季报", "Quarterly report"),
    ReportKind.YEAR: _word("年报", "Annual report"),
}
RANKINGS: Mapping[Of, Word] = {
    Of.GRIDS: _word("网格排名", "Ranking of grids"),
    Of.STAFF: _word("人员排名", "Ranking of staff"),
    Of.DEPARTMENTS: _word("部门排名", "Ranking of departments"),
    Of.VILLAGES: _word("村居排名", "Ranking of villages"),
    Of.CATEGORIES: _word("分类统计", "By category"),
}
STANDINGS: Mapping[Standing, Word] = {
    Standing.GOOD: _word("正常", "good"),
    Standing.WARN: _word("关注", "attention"),
    Standing.ALARM: _word("预警", "alarm"),
    Standing.NONE: _word("", ""),
}
TRENDS: Mapping[Trend, Word] = {
    Trend.NEW: _word("新出现", "New"),
    Trend.PERSISTENT: _word("长期存在", "Persistent"),
    Trend.RECURRING: _word("反复出现", "Recurring"),
    Trend.DIMINISHING: _word("正在减弱", "Diminishing"),
}
WORDS: Mapping[str, Word] = {
    "whole": _word("全域", "Whole installation"),
    "subject": _word("网格治理统计", "Figures of grid management"),
    "period": _word("统计周期", "Period"),
    "version": _word("版本", "Version"),
    "made": _word("生成时间", "Made"),
    "reason": _word("更正原因", "Reason of the correction"),
    "sha256": _word("校验值 SHA-256", "SHA-256"),
    "page": _word("第 {} 页", "Page {}"),
    "figures": _word("统计指标", "Figures"),
    "figure": _word("指标", "Figure"),
    "numerator": _word("分子", "Numerator"),
    "denominator": _word("分母", "Denominator"),
    "value": _word("本期", "Value"),
    "previous": _word("上期", "Before"),
    "change": _word("环比", "Change"),
    "last_year": _word("去年同期", "Year before"),
    "year_change": _word("同比", "Change"),
    "standing": _word("状态", "Standing"),
    "trend": _word("走势", "Trend"),
    "rank": _word("名次", "Rank"),
    "name": _word("名称", "Name"),
    "score": _word("得分", "Score"),
    "received": _word("受理", "Received"),
    "due": _word("应结案", "Due"),
    "closed": _word("结案", "Closed"),
    "overdue": _word("超期未结", "Overdue"),
    "hot_spots": _word("案件高发区域", "Hot spots"),
    "cell": _word("H3 单元", "H3 cell"),
    "lon": _word("经度", "Longitude"),
    "lat": _word("纬度", "Latitude"),
    "cases": _word("案件数", "Cases"),
    "z": _word("Gi* 值", "Gi*"),
    "going_on": _word("变化", "Over time"),
    "hot_from": _word("热点起", "Hot from"),
    "hot_to": _word("热点止", "Hot to"),
    "spot_windows": _word(
        "变化按 {first} 起的 {count} 期判定，本期为最后一期。新出现：仅本期为热点；"
        "反复出现：此前也有过；长期存在：过半时段为热点；正在减弱：此前是，本期不是。",
        "Over {count} periods from {first}, of which this is the last. New: hot in this one alone; "
        "recurring: in some before too; persistent: in more than half of all; diminishing: before, and "
        "not in this one.",
    ),
    "worst": _word("超期最久的案件", "Overdue for longest"),
    "number": _word("编号", "Number"),
    "category": _word("类别", "Category"),
    "grid": _word("网格", "Grid"),
    "owner": _word("责任人", "Owner"),
    "due_at": _word("期限", "Due at"),
    "overdue_for": _word("超期（天）", "Overdue (days)"),
    "more": _word("另有 {} 行，见电子表格。", "{} more rows are in the workbook."),
    "nothing": _word("无", "None"),
    "scores": _word(
        "得分为各比率的加权平均（0—100），无分母的比率不计；同分并列，同分者应结案多的在前。",
        "The score is the weighted mean of the shares, from 0 to 100; a share without a denominator "
        "does not count. Equal scores share a rank, and whoever had more cases due stands first.",
    ),
    "definitions": _word(
        "分母为零时不计算比率。应结案为期限在本期内的案件；按期以处置完成时间为准。",
        "Without a denominator there is no share. Due are the cases whose term ended in the period; on "
        "time is by when they were handled.",
    ),
}
