"""Rasters: the only place that reads them."""

from data.rasters.change import Spot, find_changes
from data.rasters.untrusted import RASTERS, find_changes_untrusted

__all__ = ["RASTERS", "Spot", "find_changes", "find_changes_untrusted"]
