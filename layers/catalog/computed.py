"""The layers of H3 cells that are worked out when somebody asks, see `layers.cells`."""

from layers.catalog.layer import FieldType, Layer, LayerSource, Relation, Title

_STRING, _NUMBER = FieldType.STRING, FieldType.NUMBER
_CELLS = Relation(name="cells", key="cell", key_is_number=False)

COMPUTED = (
    Layer(
        id="density",
        title=Title(zh="密度", en="Density"),
        geometry="polygon",
        fields={"cell": _STRING, "count": _NUMBER, "per_km2": _NUMBER},
        relation=_CELLS,
        minzoom=6,
        maxzoom=16,
        source=LayerSource.COMPUTED,
        style={
            "color": "#1F5FBF",
            "width_px": 0.5,
            "opacity": 0.8,
            "shade": {"field": "per_km2", "least": 0.5, "most": 500},
        },
        is_versioned=False,
        is_personal=True,
        choices={"of": _STRING, "resolution": _NUMBER, "grid": _STRING},
    ),
    Layer(
        id="coverage",
        title=Title(zh="巡查覆盖", en="Coverage"),
        geometry="polygon",
        fields={
            "cell": _STRING,
            "reached": FieldType.BOOLEAN,
            "visits": _NUMBER,
            "last_at": FieldType.INSTANT,
        },
        relation=_CELLS,
        minzoom=9,
        maxzoom=16,
        source=LayerSource.COMPUTED,
        permission="read_tracks",
        style={
            "color": "#009E73",
            "width_px": 0.5,
            "opacity": 0.4,
            "colors": {"field": "reached", "values": {"true": "#009E73", "false": "#8A94A3"}},
        },
        is_versioned=False,
        is_personal=True,
        choices={"resolution": _NUMBER, "grid": _STRING},
    ),
    Layer(
        id="hotspots",
        title=Title(zh="热点", en="Hot spots"),
        geometry="polygon",
        fields={
            "cell": _STRING,
            "spot": _STRING,
            "trend": _STRING,
            "hot_since": FieldType.INSTANT,
            "hot_until": FieldType.INSTANT,
            "hot_windows": _NUMBER,
            "count": _NUMBER,
            "per_km2": _NUMBER,
            "neighbours": _NUMBER,
            "z": _NUMBER,
            "p": _NUMBER,
            "q": _NUMBER,
        },
        relation=_CELLS,
        minzoom=9,
        maxzoom=16,
        source=LayerSource.COMPUTED,
        style={
            "color": "#D55E00",
            "opacity": 0.6,
            "colors": {"field": "spot", "values": {"hot": "#D55E00", "cold": "#0072B2"}},
            "over_time": {
                "field": "trend",
                "values": {
                    "new": "#F0A000",
                    "persistent": "#D55E00",
                    "recurring": "#CC79A7",
                    "diminishing": "#0072B2",
                },
            },
        },
        is_versioned=False,
        is_personal=True,
        choices={"of": _STRING, "resolution": _NUMBER, "grid": _STRING, "windows": _NUMBER},
    ),
)
