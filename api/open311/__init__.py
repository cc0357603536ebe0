"""Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2): other systems report here, and read what is
published.
"""

PREFIX = "/open311/v2"
