"""The town's departments, how they work, and the categories of cases that are theirs.

Categories are stored as `patrol.categories` reads them, which `data` must not import; a test reads them
there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How somebody works: the shares of the cases that they handle too late, give back, and have to
    handle again."""

    overdue: float = 0.12
    returned: float = 0.03
    reworked: float = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoDepartment:
    code: str
    name_zh: str
    name_en: str
    pace: Pace = Pace()
    handlers: int = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoCategory:
    """One that is built in, but for `department`, which answers for it, `dispatch`: whether its cases go
    to the "department", to the "enforcement", or to the owner of the "grid" all the same, and `aliases`:
    what the hotline calls it."""

    code: str
    number: str
    title_zh: str
    title_en: str
    term: str
    department: str
    dispatch: str = "department"
    urgent: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return "part" if self.number.startswith("01") else "event"

    @property
    def parent(self) -> str:
        return self.code.partition(".")[0]


# The first has the most to do: the account that comes with the demo is its first handler's.
DEPARTMENTS = (
    DemoDepartment(
        code="enforcement", name_zh="综合行政执法中队", name_en="Urban enforcement team",
        pace=Pace(overdue=0.14), handlers=3,
    ),
    DemoDepartment(
        code="sanitation", name_zh="环卫所", name_en="Sanitation office",
        pace=Pace(overdue=0.09, reworked=0.1),
    ),
    DemoDepartment(
        code="power", name_zh="供电所", name_en="Power supply station",
        pace=Pace(overdue=0.04, reworked=0.02),
    ),
    DemoDepartment(
        code="water", name_zh="自来水公司", name_en="Water company",
        pace=Pace(overdue=0.16, returned=0.08),
    ),
    DemoDepartment(
        code="roads", name_zh="公路管理站", name_en="Roads office",
        pace=Pace(overdue=0.28, returned=0.06, reworked=0.12),
    ),
    DemoDepartment(
        code="police", name_zh="派出所", name_en="Police station", pace=Pace(overdue=0.06)
    ),
    DemoDepartment(
        code="fire", name_zh="消防救援站", name_en="Fire station", pace=Pace(overdue=0.02)
    ),
)  # fmt: skip

_SENT = (
    DemoCategory(
        code="facility.lamp", number="010101", title_zh="路灯损坏",
        title_en="Broken street lamp", term="3d", department="power", dispatch="grid",
        aliases=("路灯不亮", "路灯故障"),
    ),
    DemoCategory(
        code="facility.manhole", number="010102", title_zh="井盖缺失",
        title_en="Missing manhole cover", term="4h", department="water", urgent=True,
        aliases=("窨井盖缺失", "井盖破损"),
    ),
    DemoCategory(
        code="facility.road", number="010103", title_zh="道路破损", title_en="Damaged road",
        term="5d", department="roads",
        aliases=("路面破损", "道路坑洼"),
    ),
    DemoCategory(
        code="facility.pipe", number="010104", title_zh="供水管漏水",
        title_en="Leaking water pipe", term="8h", department="water",
    ),
    DemoCategory(
        code="facility.cable", number="010106", title_zh="电力通信设施损坏",
        title_en="Damaged power or telecom box", term="1d", department="power",
    ),
    DemoCategory(
        code="environment.garbage", number="020101", title_zh="垃圾堆放",
        title_en="Dumped garbage", term="1d", department="sanitation", dispatch="grid",
        aliases=("乱倒垃圾", "垃圾清运"),
    ),
    DemoCategory(
        code="environment.overflow", number="020105", title_zh="垃圾箱满溢",
        title_en="Overflowing litter bin", term="8h", department="sanitation",
    ),
    DemoCategory(
        code="order.parking", number="020401", title_zh="违规停车",
        title_en="Illegal parking", term="8h", department="enforcement",
        aliases=("机动车乱停放", "占道停车"),
    ),
    DemoCategory(
        code="order.construction", number="020402", title_zh="违章搭建",
        title_en="Illegal construction", term="15d", department="enforcement",
        dispatch="enforcement",
        aliases=("违法建设", "私搭乱建"),
    ),
    DemoCategory(
        code="order.stall", number="020403", title_zh="占道经营", title_en="Stall in the road",
        term="8h", department="enforcement",
        aliases=("流动摊贩", "占道摆摊"),
    ),
    DemoCategory(
        code="safety.fire", number="020501", title_zh="消防隐患", title_en="Fire hazard",
        term="8h", department="fire", dispatch="grid", urgent=True,
    ),
    DemoCategory(
        code="safety.dog", number="020503", title_zh="犬只扰民", title_en="Dog nuisance",
        term="2d", department="police",
    ),
)  # fmt: skip
SENT: Mapping[str, DemoCategory] = MappingProxyType({each.code: each for each in _SENT})
"""By the code of the category."""
