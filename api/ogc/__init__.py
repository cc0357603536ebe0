"""OGC API - Features, for QGIS and other GIS programs: the layers as collections.

TiPg speaks the protocol (landing page, conformance, collections, queryables, links, parameters); what it
shows is what `layers.features` reads for whoever asks.
"""

from api.ogc.application import PREFIX as OGC_PREFIX
from api.ogc.application import create_ogc_app, redirect_to_landing

__all__ = ["OGC_PREFIX", "create_ogc_app", "redirect_to_landing"]
