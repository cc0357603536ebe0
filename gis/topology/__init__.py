"""The topology of an edition: what is wrong with its areas, how much and how wide on the ground."""

from gis.topology.checking import TOLERANCE_M2, check
from gis.topology.faults import Fault, faults_of
from gis.topology.findings import Finding, FindingKind, Report
from gis.topology.measuring import ground_m2, is_wider, mean_width_m, width_m

__all__ = [
    "TOLERANCE_M2",
    "Fault",
    "Finding",
    "FindingKind",
    "Report",
    "check",
    "faults_of",
    "ground_m2",
    "is_wider",
    "mean_width_m",
    "width_m",
]
