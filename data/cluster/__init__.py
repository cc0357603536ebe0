"""The private PostGIS cluster: initialised, started, shared by several processes, and stopped."""

from data.cluster.cluster import Cluster

__all__ = ["Cluster"]
