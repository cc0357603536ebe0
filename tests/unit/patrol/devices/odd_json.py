"""Whatever JSON can say, with the names that devices use, in the wrong places."""

from hypothesis import strategies as st

_NAMES = st.sampled_from(
    [
        "_type",
        "alarm",
        "battery",
        "coords",
        "device_id",
        "extras",
        "lat",
        "latitude",
        "level",
        "location",
        "lon",
        "longitude",
        "speed",
        "tid",
        "timestamp",
        "topic",
        "tst",
        "vel",
    ]
)
_PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**400),
    st.floats(),
    st.text(),
    st.sampled_from(["location", "transition", "\ud800", "0001-01-01T00:00:00+14:00"]),
)
JSON = st.recursive(
    _PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(_NAMES, st.text(max_size=5)), inner, max_size=6),
    ),
    max_leaves=12,
)
