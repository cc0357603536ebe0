import re

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from data.cluster import Cluster
from data.cluster.binaries import find_binaries
from data.database import Database
from data.schema import metadata


def dump(cluster: Cluster, name: str) -> list[str]:
    result = find_binaries().run(
        *("pg_dump", "--schema-only", "--no-owner", "--exclude-table=alembic_version"),
        *("--dbname", cluster.url(name)),
    )
    assert result.returncode == 0, result.stdout
    statements = re.split(r"\n\n+", re.sub(r"(?m)^(--|\\).*$", "", result.stdout))
    return sorted(_in_any_order(statement) for statement in statements if statement.strip())


def _in_any_order(statement: str) -> str:
    """A column that a migration adds stands last, wherever the definition has it."""
    lines = statement.strip().splitlines()
    return "\n".join(
        sorted(line.rstrip(",") for line in lines) if "CREATE TABLE" in lines[0] else lines
    )


def test_the_migrations_give_exactly_the_tables_of_the_schema(cluster: Cluster) -> None:
    plain = Database(cluster.create_database("from_metadata"))
    plain.require_postgis()
    with plain.begin() as conn:
        metadata.create_all(conn)
    plain.close()
    assert dump(cluster, "template_wangge") == dump(cluster, "from_metadata")
    cluster.drop_database("from_metadata")


def test_alembic_sees_nothing_left_to_migrate(database: Database) -> None:
    with database.begin() as conn:
        context = MigrationContext.configure(
            conn, opts={"include_name": lambda name, kind, parent: name != "spatial_ref_sys"}
        )
        assert compare_metadata(context, metadata) == []


def test_migrating_a_migrated_database_changes_nothing(database: Database) -> None:
    database.migrate()
    assert database.is_migrated()


def test_a_day_of_fixes_gets_its_partition_once(database: Database) -> None:
    with database.begin() as conn:
        make = text("SELECT make_fixes_partition('2026-11-22')")
        assert conn.scalar(make) is True
        assert conn.scalar(make) is False
        conn.execute(
            text(
                "INSERT INTO fixes (unit_id, at, lon, lat) VALUES (1, '2026-11-22 23:59:59.9Z', 1, 2)"
            )
        )
        assert conn.scalar(text("SELECT tableoid::regclass::text FROM fixes")) == "fixes_20261122"


def test_changing_a_layer_raises_its_version_in_the_same_transaction(database: Database) -> None:
    version = text("SELECT version FROM layer_versions WHERE layer = 'facilities'")
    insert = text(
        "INSERT INTO facilities (code, kind, name, geom) VALUES "
        "('L1', 'street_lamp', '1', ST_SetSRID(ST_MakePoint(118.6, 34.5), 4326))"
    )
    with database.begin() as conn:
        conn.execute(insert)
        first = conn.scalar(version)
        conn.execute(text("DELETE FROM facilities"))
        assert conn.scalar(version) == first + 1
