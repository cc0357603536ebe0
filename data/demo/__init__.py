"""The demo town: an invented township with its grids, roads, cameras, people, patrols and cases."""
