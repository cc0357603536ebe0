# %% [markdown]
# # The town at a glance 全镇一览
#
# Grids (网格), the people in them (人员) and a day's patrols (巡查轨迹), read from a running Wangge.
# Nothing on this page asks the internet for anything.
#
# Before starting Jupyter: `export WANGGE_URL=http://127.0.0.1:8080` and
# `export WANGGE_TOKEN=$(wangge tokens create --account NAME)`.

# %%
import os
from datetime import timedelta
from pathlib import Path

import geopandas as gpd
import httpx
import pandas as pd

from gis.cells import cell_density, cell_polygon
from layers.maps import town_map

client = httpx.Client(
    base_url=os.environ["WANGGE_URL"] + "/api/v1",
    headers={"Authorization": "Bearer " + os.environ["WANGGE_TOKEN"]},
    timeout=60,
)
ASSETS = Path("node_modules")  # of `npm --prefix notebooks ci`


def read(path, **parameters):
    answer = client.get(path, params=parameters)
    if answer.is_error:
        raise RuntimeError(answer.json()["detail"])
    return answer.json()


def frame(collection):
    return gpd.GeoDataFrame.from_features(collection["features"], crs=4326)


# %% [markdown]
# ## Grids 网格

# %%
grids_geojson = read("/grids")
grids = frame(grids_geojson)
grids.groupby("level").agg(
    number=("code", "size"), smallest_ha=("area_m2", "min"), largest_ha=("area_m2", "max")
).assign(
    smallest_ha=lambda table: (table.smallest_ha / 1e4).round(1),
    largest_ha=lambda table: (table.largest_ha / 1e4).round(1),
)

# %% [markdown]
# ## People 人员
#
# Where everybody was last seen, and how many are in which state.

# %%
people_geojson = read("/positions")
people = frame(people_geojson)
people["at"] = pd.to_datetime(people["at"], format="ISO8601")
people.groupby(["role", "state"]).size().unstack(fill_value=0)

# %% [markdown]
# ## One patrol 一次巡查
#
# The last 24 hours of whoever was seen last: trips (行程), stops (停留) and gaps (断点).
# A look at an earlier day needs a reason, which goes on the audit.

# %%
until = people["at"].max()
since = until - timedelta(hours=24)
day = {"from": since.isoformat(), "to": until.isoformat(), "reason": "城镇概览 town at a glance"}

walker = people.sort_values("at").iloc[-1]
track_geojson = read(f"/units/{walker.unit}/track", **day)
pd.Series(track_geojson["summary"], name=f"{walker.unit} {walker['name']}").to_frame()

# %% [markdown]
# ## Everybody's day 全员一天

# %%
tracks = pd.concat(
    [frame(read(f"/units/{unit}/track", **day)).assign(unit=unit) for unit in people["unit"]],
    ignore_index=True,
)
trips = tracks[tracks["kind"] == "trip"]
trips.groupby("unit")["length_m"].agg(trips="size", km=lambda length: length.sum() / 1000).round(1)

# %% [markdown]
# How densely the ground was walked: fixes in each H3 cell of about 0.1 km² (resolution 9).

# %%
lon, lat = trips.get_coordinates().to_numpy().T
cells, counts = cell_density(lon, lat, 9)
density = gpd.GeoDataFrame(
    {"count": counts}, geometry=[cell_polygon(cell) for cell in cells], crs=4326
)
density["count"].describe().to_frame("fixes in a cell")

# %% [markdown]
# ## Length and coverage per grid 各网格巡查里程与覆盖率
#
# Kilometres walked inside each level-2 grid, and the share of its area within 50 m of a path.

# %%
metric = grids.estimate_utm_crs()
inner = grids[grids["level"] == 2].set_index("code").to_crs(metric)
paths = trips[["geometry"]].to_crs(metric)

walked = gpd.overlay(inner.reset_index()[["code", "geometry"]], paths, keep_geom_type=False)
reached = inner.intersection(paths.buffer(50).union_all())
coverage = pd.DataFrame(
    {
        "name": inner["name"],
        "walked_km": (walked.length.groupby(walked["code"]).sum() / 1000).round(2),
        "covered": (reached.area / inner.area).round(3),
    }
).fillna({"walked_km": 0.0})
coverage.sort_values("covered")

# %% [markdown]
# ## The map 地图

# %%
town_map(
    assets=ASSETS,
    grids=grids_geojson,
    people=people_geojson,
    track=track_geojson,
    cells=density.to_geo_dict(),
)
