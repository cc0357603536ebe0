"""Notices to people, and the outbox that carries them out."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channels",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("settings", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("language", sa.Text(), server_default="zh", nullable=False),
        sa.Column("notices", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=True),
        sa.Column("enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind in ('webhook', 'wecom', 'dingtalk', 'feishu', 'sms')",
            name=op.f("channels_kind_check"),
        ),
        sa.CheckConstraint("language in ('zh', 'en')", name=op.f("channels_language_check")),
        sa.CheckConstraint("per_minute > 0", name=op.f("channels_per_minute_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("channels_pkey")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "message_id",
            sa.Text(),
            server_default=sa.text("'msg_' || replace(gen_random_uuid()::text, '-', '')"),
            nullable=False,
        ),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("staff_ids", sa.ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column("urgent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tried_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("doubtful", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("sent_at is null or given_up_at is null", name=op.f("outbox_end_check")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name=op.f("outbox_channel_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("outbox_pkey")),
        sa.UniqueConstraint("message_id", name=op.f("outbox_message_id_key")),
    )
    op.create_index(
        "outbox_waiting_idx",
        "outbox",
        ["channel_id", "next_at"],
        postgresql_where="sent_at is null and given_up_at is null",
    )
    op.create_index(
        "outbox_given_up_idx", "outbox", ["id"], postgresql_where="given_up_at is not null"
    )
    op.create_index("outbox_sent_at_idx", "outbox", ["sent_at"])
    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("alert_id", sa.BigInteger(), nullable=True),
        sa.Column("words", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("notices_staff_id_fkey")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("notices_case_id_fkey")),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name=op.f("notices_alert_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("notices_pkey")),
        sa.UniqueConstraint("staff_id", "key", name=op.f("notices_staff_id_key_key")),
    )
    op.create_index("notices_staff_id_id_idx", "notices", ["staff_id", "id"])
    op.create_index("notices_staff_id_seq_idx", "notices", ["staff_id", "seq"])
    op.create_index("notices_seq_idx", "notices", ["seq"])
    op.create_index("notices_created_at_idx", "notices", ["created_at"], postgresql_using="brin")
    op.create_index(
        "notices_unread_idx", "notices", ["staff_id"], postgresql_where="read_at is null"
    )
    op.create_index("notices_unnumbered_idx", "notices", ["id"], postgresql_where="seq is null")
    op.create_index(
        "notices_alert_id_idx",
        "notices",
        ["alert_id"],
        postgresql_where="alert_id is not null",
    )
    op.create_table(
        "notice_preferences",
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("channels", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.CheckConstraint(
            "(quiet_from is null) = (quiet_until is null) and quiet_from <> quiet_until",
            name=op.f("notice_preferences_quiet_check"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("notice_preferences_staff_id_fkey")
        ),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("notice_preferences_pkey")),
    )
    op.execute("GRANT USAGE ON channels_id_seq, outbox_id_seq, notices_id_seq TO wangge_app")
    op.execute("CREATE SEQUENCE notices_seq")
    op.execute("GRANT USAGE ON notices_seq TO wangge_app")
    op.execute("""
-- What was told stays as it was; only `tell_notices` adds to it, and only the system drops what is old.
GRANT SELECT, UPDATE (read_at, seq), DELETE ON notices TO wangge_app
""")
    op.execute("""
GRANT SELECT, INSERT, UPDATE ON notice_preferences TO wangge_app
""")
    op.execute("""
-- A channel is removed by its date, for what was sent is about it.
GRANT SELECT, INSERT, UPDATE ON channels TO wangge_app
""")
    op.execute("""
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO wangge_app
""")
    op.execute("""
-- Nobody's account: what goes on by itself.
CREATE FUNCTION viewer_is_the_system() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT viewer_sees_everything()
        AND viewer() ->> 'account_id' IS NULL AND viewer() ->> 'staff_id' IS NULL
$$
""")
    op.execute("""
ALTER TABLE notices ENABLE ROW LEVEL SECURITY
""")
    op.execute("""
-- One's own, whatever else one may see.
CREATE POLICY viewer ON notices TO wangge_app
USING (
    staff_id = (SELECT (viewer() ->> 'staff_id')::bigint) OR (SELECT viewer_is_the_system())
)
""")
    op.execute("""
CREATE POLICY dropped ON notices AS RESTRICTIVE FOR DELETE TO wangge_app
USING ((SELECT viewer_is_the_system()))
""")
    op.execute("""
ALTER TABLE notice_preferences ENABLE ROW LEVEL SECURITY
""")
    op.execute("""
CREATE POLICY viewer ON notice_preferences TO wangge_app
USING (
    staff_id = (SELECT (viewer() ->> 'staff_id')::bigint) OR (SELECT viewer_is_the_system())
)
""")
    op.execute("""
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY
""")
    op.execute("""
-- Whoever does something may have others told of it; what is in it is for whoever sees everything.
CREATE POLICY viewer ON outbox TO wangge_app
USING ((SELECT viewer_sees_everything()))
WITH CHECK (true)
""")
    op.execute("""
-- Writes notices, each a JSON object, and gives back those that are new, with what their people have chosen.
-- With its owner's rights: whoever tells sees neither the notices nor the choices of others.
CREATE FUNCTION tell_notices(told jsonb)
RETURNS TABLE (
    staff_id bigint, key text, channels jsonb, quiet_from time, quiet_until time, has_phone boolean
)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH new AS (
        INSERT INTO notices (staff_id, kind, key, urgent, case_id, alert_id, words, created_at)
        SELECT
            (notice ->> 'staff_id')::bigint, notice ->> 'kind', notice ->> 'key',
            (notice ->> 'urgent')::boolean, (notice ->> 'case_id')::bigint,
            (notice ->> 'alert_id')::bigint, notice -> 'words', (notice ->> 'at')::timestamptz
        FROM jsonb_array_elements(told) AS notice
        ORDER BY 1, 3
        ON CONFLICT (staff_id, key) DO NOTHING
        RETURNING notices.staff_id, notices.key
    )
    SELECT
        new.staff_id, new.key, chosen.channels, chosen.quiet_from, chosen.quiet_until,
        coalesce(staff.phone, '') <> ''
    FROM new
    JOIN staff ON staff.id = new.staff_id
    LEFT JOIN notice_preferences AS chosen ON chosen.staff_id = new.staff_id
$$
""")
    op.execute("""
REVOKE EXECUTE ON FUNCTION tell_notices(jsonb) FROM PUBLIC
""")
    op.execute("""
GRANT EXECUTE ON FUNCTION tell_notices(jsonb) TO wangge_app
""")
