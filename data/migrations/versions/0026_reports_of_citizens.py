"""Reports of citizens, who follow their case by a code."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "citizen_reports",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("citizen_reports_case_id_fkey")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("citizen_reports_pkey")),
        sa.UniqueConstraint("key_hash", name=op.f("citizen_reports_key_hash_key")),
    )
    op.execute("""
GRANT SELECT, INSERT ON citizen_reports TO wangge_app
""")
    op.execute("""
ALTER TABLE citizen_reports ENABLE ROW LEVEL SECURITY
""")
    op.execute("""
-- Nobody's account: whoever looks for the case of a code.
CREATE POLICY viewer ON citizen_reports TO wangge_app
USING ((SELECT viewer_is_the_system()))
""")
    op.execute("""
-- The case whose code the viewer knows, and what it became a part of. With its owner's rights: the policy of
-- cases asks this.
CREATE FUNCTION viewer_follows() RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF viewer() ->> 'follows' IS NULL THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(
        WITH RECURSIVE followed (id, merged_into) AS (
            SELECT cases.id, cases.merged_into FROM cases
            WHERE cases.id = (viewer() ->> 'follows')::bigint
            UNION
            SELECT cases.id, cases.merged_into
            FROM followed JOIN cases ON cases.id = followed.merged_into
        )
        SELECT followed.id FROM followed
    );
END
$$
""")
    op.execute("""
REVOKE EXECUTE ON FUNCTION viewer_follows() FROM PUBLIC
""")
    op.execute("""
GRANT EXECUTE ON FUNCTION viewer_follows() TO wangge_app
""")
    op.execute("""
-- The photos that the viewer, who has no account, has sent: whoever knows their ids.
CREATE FUNCTION viewer_holds() RETURNS uuid[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(viewer() -> 'holds') = 'array'
        THEN ARRAY(SELECT jsonb_array_elements_text(viewer() -> 'holds')::uuid) END
$$
""")
    op.execute("""
DROP POLICY viewer ON cases
""")
    op.execute("""
CREATE POLICY viewer ON cases TO wangge_app
USING (
    (SELECT viewer_codes()) IS NULL
    OR grid_code = ANY ((SELECT viewer_codes())::text[])
    OR owner_staff_id = (SELECT (viewer() ->> 'staff_id')::bigint)
    OR reported_by_account_id = (SELECT (viewer() ->> 'account_id')::bigint)
    OR id = ANY ((SELECT viewer_follows())::bigint[])
)
WITH CHECK (true)
""")
    op.execute("""
DROP POLICY viewer ON photos
""")
    op.execute("""
CREATE POLICY viewer ON photos TO wangge_app
USING (
    CASE WHEN case_id IS NULL
        THEN uploaded_by_account_id = (SELECT (viewer() ->> 'account_id')::bigint)
            OR (SELECT viewer() -> 'account_id' = 'null' AND viewer_sees_everything())
            OR uploaded_by_account_id IS NULL AND id = ANY ((SELECT viewer_holds())::uuid[])
        ELSE EXISTS (SELECT FROM cases WHERE cases.id = photos.case_id)
    END
)
WITH CHECK (true)
""")
    op.execute("""
DROP POLICY viewer ON suspected_changes
""")
    op.execute("""
-- Whoever sees the case, but not whoever follows it by a code.
CREATE POLICY viewer ON suspected_changes TO wangge_app
USING (
    EXISTS (SELECT FROM cases WHERE cases.id = suspected_changes.case_id)
    AND (SELECT viewer() ->> 'follows') IS NULL
)
WITH CHECK (true)
""")
