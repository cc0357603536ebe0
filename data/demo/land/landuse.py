"""What each parcel is used for: town, village, park, wood, orchard or field."""

import numpy as np
import shapely
from numpy.typing import NDArray

from data.demo.land.parcels import Parcels
from data.demo.land.plane import Floats
from data.demo.land.settlements import CORE_RADIUS_M
from data.demo.land.skeleton import Skeleton
from data.demo.land.ways import CANAL, RIVER

CORE, VILLAGE, PARK, WOOD, ORCHARD, FIELD, BEYOND = range(7)

_BUILT_UP_TO_M2 = 40_000.0
_NORTH_BANK_Y_M = -930.0


def use_land(parcels: Parcels, skeleton: Skeleton, rng: np.random.Generator) -> NDArray[np.int64]:
    """One of the words above for each parcel; BEYOND is land that is not drawn."""
    middles = shapely.get_coordinates(shapely.centroid(parcels.faces))
    small = shapely.area(parcels.faces) < _BUILT_UP_TO_M2
    count = len(parcels.faces)
    use = np.full(count, FIELD)
    use[_noise(middles, 1_700.0, rng) > 1.25] = ORCHARD
    use[_beside(parcels, RIVER) & (rng.random(count) < 0.34)] = WOOD
    use[_beside(parcels, CANAL) & (rng.random(count) < 0.14)] = WOOD
    use[_noise(middles, 650.0, rng) > 2.1] = WOOD
    use[small & (_nearness_to_village(middles, skeleton) < rng.uniform(0.86, 1.12, count))] = (
        VILLAGE
    )
    core = small & (middles[:, 1] > _NORTH_BANK_Y_M)
    core &= np.hypot(*middles.T) < CORE_RADIUS_M * rng.uniform(0.93, 1.13, count)
    use[core] = CORE
    park = core & (np.hypot(middles[:, 0] - 260.0, middles[:, 1] + 560.0) < 150.0)
    use[park | (core & (rng.random(count) < 0.03))] = PARK
    # Without the parcels that were cut off by the frame, the land ends raggedly, as on a real map.
    rim = parcels.sides[(parcels.sides < 0).any(axis=1)]
    use[rim[rim >= 0]] = BEYOND
    return use


def _nearness_to_village(middles: Floats, skeleton: Skeleton) -> Floats:
    """Distance to the nearest village in radii of that village."""
    villages = [place for place in skeleton.settlements if not place.urban]
    places = np.array([(place.x, place.y) for place in villages])
    radius = np.array([place.radius_m for place in villages])
    apart = np.linalg.norm(middles[:, None] - places[None], axis=2)
    nearest: Floats = (apart / radius).min(axis=1)
    return nearest


def _beside(parcels: Parcels, kind: str) -> NDArray[np.bool_]:
    beside = np.zeros(len(parcels.faces), dtype=bool)
    faces = parcels.sides[parcels.kinds == kind]
    beside[faces[faces >= 0]] = True
    return beside


def _noise(points: Floats, wavelength_m: float, rng: np.random.Generator) -> Floats:
    """Smooth noise over the plane, near standard normal: a sum of waves in all directions."""
    turn, phase = rng.uniform(0, 2 * np.pi, (2, 24))
    scale = 2 * np.pi / wavelength_m * rng.uniform(0.6, 1.8, 24)
    waves = np.stack([np.cos(turn), np.sin(turn)]) * scale
    total: Floats = np.cos(points @ waves + phase).sum(axis=1) * np.sqrt(2 / 24)
    return total
