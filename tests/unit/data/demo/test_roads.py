import numpy as np
import shapely

from data.demo.land.ways import MAIN, MINOR, TRUNK
from data.demo.patrols.beats import ON_FOOT, ON_WHEELS, Beat


def neighbours_reached(network, edges):
    reached, ends = {int(network.ends[edges[0], 0])}, network.ends[edges]
    while True:
        touching = np.isin(ends, list(reached)).any(axis=1)
        grown = reached | set(ends[touching].ravel().tolist())
        if len(grown) == len(reached):
            return reached
        reached = grown


def test_one_can_walk_from_everywhere_to_everywhere(town):
    everything = np.arange(len(town.roads.ends))
    assert len(neighbours_reached(town.roads, everything)) == len(town.roads.nodes)


def test_nearly_all_roads_for_wheels_hang_together(town):
    network = town.roads
    roads = np.flatnonzero(np.isin(network.kinds, (TRUNK, MAIN, MINOR)))
    reached = neighbours_reached(network, roads)
    assert len(reached) > 0.97 * len(np.unique(network.ends[roads]))


def test_lines_begin_and_end_at_their_nodes_and_know_their_length(town):
    network = town.roads
    for line, (a, b), length in zip(network.lines, network.ends, network.lengths, strict=True):
        assert np.allclose(line[0], network.nodes[a], atol=0.01)
        assert np.allclose(line[-1], network.nodes[b], atol=0.01)
        assert np.isclose(shapely.LineString(line).length, length)


def test_every_grid_has_places_to_go_to(town):
    for index in range(len(town.level_2)):
        beat = Beat(
            town.roads,
            ON_FOOT,
            places=20,
            home=frozenset({index}),
            rng=np.random.default_rng(index),
        )
        assert len(beat.places) >= 6
        assert np.isfinite(beat.distances(int(beat.places[0]))).all()


def test_a_way_leads_along_roads_from_its_start_to_its_end(town):
    beat = Beat(town.roads, ON_WHEELS, places=30, rng=np.random.default_rng(1))
    start, end = (int(place) for place in beat.places[:2])
    way = beat.way(start, end)
    assert np.allclose(way[0], town.roads.nodes[start])
    assert np.allclose(way[-1], town.roads.nodes[end])
    on_roads = shapely.union_all(
        [
            shapely.LineString(line)
            for line, kind in zip(town.roads.lines, town.roads.kinds, strict=True)
            if kind in ON_WHEELS
        ]
    ).buffer(0.5)
    assert on_roads.covers(shapely.LineString(way))
    assert beat.nearest_place(*town.roads.nodes[start]) == start
