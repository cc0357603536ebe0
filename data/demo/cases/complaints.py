"""What people complain about: categories, their words, and where in the town such things happen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from data.demo.facilities import Facility
from data.demo.land.plane import Floats
from data.demo.town import Town


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """A category of cases. `at` names where such a case lies: a kind of facility, "water" or "homes".

    The code and `deadline_h` are those of `patrol.cases.categories`, which `data` must not import.
    """

    category: str
    deadline_h: int
    weight: float
    at: str
    wordings: Sequence[str]
    done: str
    urgent: bool = False


TOPICS = (
    Topic(
        category="environment.garbage", deadline_h=24, weight=0.16, at="trash_station",
        wordings=("{place}路边堆放生活垃圾，有异味", "{place}沟边倾倒建筑垃圾约一车",
                  "{place}收集点周围散落垃圾，需要清扫"),
        done="已联系保洁公司清运，现场清扫干净",
    ),
    Topic(
        category="environment.overflow", deadline_h=8, weight=0.06, at="trash_station",
        wordings=("{place}垃圾桶满溢，未及时清运", "{place}垃圾箱翻倒，垃圾散落一地"),
        done="已清运并清洗垃圾箱",
    ),
    Topic(
        category="environment.water", deadline_h=72, weight=0.08, at="water",
        wordings=("{place}附近河面有漂浮垃圾", "{place}附近水体发黑，有臭味",
                  "{place}附近河岸有人倾倒污水"),
        done="已打捞漂浮物并排查排污口",
    ),
    Topic(
        category="facility.lamp", deadline_h=72, weight=0.06, at="street_lamp",
        wordings=("{place}路灯夜间不亮", "{place}路灯忽明忽暗", "{place}路灯灯杆被撞歪斜"),
        done="已更换灯具，夜间照明恢复",
    ),
    Topic(
        category="facility.manhole", deadline_h=4, weight=0.05, at="manhole", urgent=True,
        wordings=("{place}井盖缺失，已放置警示标志", "{place}井盖破损塌陷",
                  "{place}井盖松动，车过有异响"),
        done="已更换井盖，恢复通行",
    ),
    Topic(
        category="facility.pipe", deadline_h=8, weight=0.03, at="hydrant",
        wordings=("{place}供水管漏水，路面积水", "{place}阀门井渗水"),
        done="已修复漏点，恢复供水",
    ),
    Topic(
        category="facility.cable", deadline_h=24, weight=0.04, at="street_lamp",
        wordings=("{place}配电箱箱门敞开", "{place}电线杆倾斜", "{place}通信光缆低垂"),
        done="已抢修加固，排除隐患",
    ),
    Topic(
        category="facility.road", deadline_h=120, weight=0.08, at="bus_stop",
        wordings=("{place}路面坑洼积水", "{place}路肩塌陷约两米", "{place}人行道砖松动"),
        done="已修补路面",
    ),
    Topic(
        category="order.parking", deadline_h=8, weight=0.10, at="hydrant",
        wordings=("{place}货车长时间占道停放", "{place}路口机动车违停，影响通行",
                  "{place}消防通道被私家车占用"),
        done="已劝离车辆，道路畅通",
    ),
    Topic(
        category="order.stall", deadline_h=8, weight=0.05, at="bus_stop",
        wordings=("{place}流动摊贩占道经营", "{place}早市摊点占用非机动车道"),
        done="已劝离摊贩，清理现场",
    ),
    Topic(
        category="order.construction", deadline_h=360, weight=0.06, at="homes",
        wordings=("{place}一户在宅前加盖彩钢棚", "{place}农田边新建看护房，疑似未批先建",
                  "{place}楼顶搭建阳光房"),
        done="当事人已自行拆除",
    ),
    Topic(
        category="safety.fire", deadline_h=8, weight=0.07, at="homes", urgent=True,
        wordings=("{place}商铺门前堆放纸箱等易燃物", "{place}电动车飞线充电",
                  "{place}楼道堆放杂物，堵塞通道"),
        done="已现场整改，清除隐患",
    ),
    Topic(
        category="safety.dog", deadline_h=48, weight=0.05, at="homes",
        wordings=("{place}有流浪犬追逐行人", "{place}住户犬只夜间吠叫扰民", "{place}大型犬未拴绳"),
        done="已联系收容，并提醒住户拴绳",
    ),
    Topic(
        category="dispute.neighbour", deadline_h=168, weight=0.06, at="homes",
        wordings=("{place}两户因宅基地边界发生争执", "{place}邻里因排水问题发生口角",
                  "{place}楼上漏水引发纠纷"),
        done="双方已达成调解协议",
    ),
    Topic(  # made of alerts, which are not of the past
        category="safety.help", deadline_h=1, urgent=True, weight=0.0, at="homes",
        wordings=("{place}有人员求助",),
        done="已到场，人员平安",
    ),
    Topic(
        category="other", deadline_h=120, weight=0.05, at="homes",
        wordings=("{place}树枝压低电线，有隐患", "{place}广告牌松动", "{place}独居老人需要上门帮扶"),
        done="已处理完毕",
    ),
)  # fmt: skip


class Locations:
    """Where cases happen: `draw` gives a point in WGS-84 and what people call the place."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._settlements = np.array([(place.x, place.y) for place in town.settlements])
        self._points: Mapping[str, Floats] = {
            "water": self._banks(),
            "homes": self._homes(),
            **{
                kind: _lonlat([item for item in town.facilities if item.kind == kind])
                for kind in {topic.at for topic in TOPICS} - {"water", "homes"}
            },
        }

    def draw(self, topic: Topic, rng: np.random.Generator) -> tuple[float, float, str]:
        points = self._points[topic.at]
        metres = self._town.plane.to_metres(points[int(rng.integers(len(points)))])
        metres = metres + rng.normal(0.0, 4.0, 2)
        nearest = int(np.hypot(*(self._settlements - metres).T).argmin())
        place = self._town.settlements[nearest]
        name = f"{place.village_name}{place.name}"
        lon, lat = self._town.plane.to_lonlat(metres[None])[0].tolist()
        return lon, lat, name

    def _banks(self) -> Floats:
        water = [feature.geometry for feature in self._town.basemap if feature.kind == "water"]
        points = shapely.get_coordinates(water)
        return points[shapely.contains_xy(self._town.outline, points)]

    def _homes(self) -> Floats:
        blocks = [item.geometry for item in self._town.basemap if item.category == "block"]
        points = shapely.get_coordinates(shapely.centroid(blocks))
        return points[shapely.contains_xy(self._town.outline, points)]


def _lonlat(facilities: Sequence[Facility]) -> Floats:
    return np.array([(item.lon, item.lat) for item in facilities])
