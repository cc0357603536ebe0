"""What the topology check found, as a layer."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
CREATE TRIGGER bump_findings_version AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE OF findings, state
ON grid_editions FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version('findings')
""")
    op.execute("""
-- What the topology check found in drafts and in the edition in force. The id is the edition's in the upper
-- bits and the finding's number in the lower 20; a draft that is changed is numbered anew.
CREATE VIEW layer_findings WITH (security_invoker) AS
SELECT
    (edition.id << 20) + found.number AS id, edition.id AS edition, edition.state,
    found.feature #>> '{properties,kind}' AS kind,
    found.feature #>> '{properties,message}' AS message,
    (found.feature #>> '{properties,area_m2}')::double precision AS area_m2,
    (found.feature #>> '{properties,width_m}')::double precision AS width_m,
    (
        SELECT string_agg(code, ' ' ORDER BY place)
        FROM jsonb_array_elements_text(found.feature #> '{properties,codes}')
            WITH ORDINALITY AS named (code, place)
    ) AS codes,
    shape.geom, ST_Transform(shape.geom, 3857) AS geom_3857
FROM grid_editions AS edition
CROSS JOIN LATERAL jsonb_array_elements(edition.findings) WITH ORDINALITY AS found (feature, number)
CROSS JOIN LATERAL (
    SELECT ST_CollectionHomogenize(ST_GeomFromGeoJSON(nullif(found.feature -> 'geometry', 'null')))
) AS shape (geom)
WHERE edition.state <> 'retired' AND shape.geom IS NOT NULL
""")
    op.execute("GRANT SELECT ON layer_findings TO wangge_app")
