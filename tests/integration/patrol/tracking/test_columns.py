from typing import Any

import numpy as np
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from data.database import Database
from patrol.tracking.columns import adapt_columns, columns_to_copy

FLOATS = st.floats(allow_infinity=True, allow_nan=True)
COLUMNS = st.integers(0, 30).flatmap(
    lambda n: st.tuples(
        hnp.arrays(np.int64, n, elements=st.integers(-(2**63), 2**63 - 1)),
        hnp.arrays(np.float64, n, elements=FLOATS),
        hnp.arrays(np.float32, n, elements=st.floats(width=32)),
        hnp.arrays(
            "M8[us]",
            n,
            elements=st.one_of(
                st.just(np.datetime64("NaT", "us")),
                st.integers(-(10**16), 10**17).map(lambda us: np.datetime64(us, "us")),
            ),
        ),
    )
)


def expected(columns: Any) -> list[tuple[Any, ...]]:
    def python(value: Any) -> Any:
        if np.issubdtype(value.dtype, np.datetime64):
            return None if np.isnat(value) else value.item()
        if np.issubdtype(value.dtype, np.floating):
            return None if np.isnan(value) else value.item()
        return value.item() or None

    return [tuple(python(value) for value in row) for row in zip(*columns, strict=True)]


@pytest.fixture
def conn(database: Database) -> Any:
    with psycopg.connect(database.conninfo, autocommit=True) as conn:
        conn.execute("CREATE TEMP TABLE sent (i int8, d float8, f float4, t timestamptz)")
        adapt_columns(conn)
        yield conn


def test_an_array_of_arrays_comes_back_with_as_many_rows(conn: psycopg.Connection[Any]) -> None:
    with conn.cursor(binary=True) as cursor:
        row = cursor.execute(
            "SELECT array_agg(ARRAY[n, 10 * n]) FROM unnest(%s) AS n", [np.arange(1, 4)]
        ).fetchone()
    assert row is not None
    assert row[0].tolist() == [[1, 10], [2, 20], [3, 30]]


@settings(max_examples=100)
@given(columns=COLUMNS)
def test_copy_and_arrays_carry_every_value_and_null(
    conn: psycopg.Connection[Any], columns: Any
) -> None:
    conn.execute("TRUNCATE sent")
    with conn.cursor().copy("COPY sent FROM STDIN (FORMAT binary)") as copy:
        copy.write(columns_to_copy(columns))
    read = "SELECT i, d, f, t AT TIME ZONE 'UTC' FROM sent"
    assert conn.execute(read, binary=True).fetchall() == expected(columns)
    conn.execute("TRUNCATE sent")
    conn.execute("INSERT INTO sent SELECT * FROM unnest(%s, %s, %s, %s)", columns)
    assert conn.execute(read, binary=True).fetchall() == expected(columns)


@settings(max_examples=100)
@given(columns=COLUMNS)
def test_arrays_come_back_as_they_went(conn: psycopg.Connection[Any], columns: Any) -> None:
    conn.execute("TRUNCATE sent")
    conn.execute("INSERT INTO sent SELECT * FROM unnest(%s, %s, %s, %s)", columns)
    row = conn.execute(
        "SELECT coalesce(array_agg(coalesce(i, 0)), '{}'), "
        "coalesce(array_agg(coalesce(d, 'NaN')), '{}'), "
        "coalesce(array_agg(coalesce(f, 'NaN')), '{}'), "
        "coalesce(array_agg(coalesce(t, '-infinity')), '{}') FROM sent",
        binary=True,
    ).fetchone()
    assert row is not None
    for sent, received in zip(columns, row, strict=True):
        assert sent.dtype == received.dtype
        np.testing.assert_array_equal(sent, received)


def test_an_array_with_nulls_says_what_to_do(conn: psycopg.Connection[Any]) -> None:
    with pytest.raises(ValueError, match="COALESCE"):
        conn.execute("SELECT ARRAY[1, NULL]::int8[]", binary=True).fetchone()
