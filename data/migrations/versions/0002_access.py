"""Access: devices' accounts, second factors, the audit, privileges and row-level security."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("identity_number", sa.Text(), nullable=True))

    false = sa.text("false")
    for column in (
        sa.Column("device_id", sa.BigInteger(), nullable=True),
        sa.Column("granted", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("must_change_password", sa.Boolean(), server_default=false, nullable=False),
        sa.Column(
            "password_changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
        ),
        sa.Column("totp_secret", sa.LargeBinary(), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=True),
        sa.Column("oidc_subject", sa.Text(), nullable=True),
    ):
        op.add_column("accounts", column)
    op.create_foreign_key(
        op.f("accounts_device_id_fkey"),
        "accounts",
        "devices",
        ["device_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.create_unique_constraint(op.f("accounts_device_id_key"), "accounts", ["device_id"])
    op.create_unique_constraint(op.f("accounts_oidc_subject_key"), "accounts", ["oidc_subject"])

    op.add_column("sessions", sa.Column("address", sa.Text(), nullable=True))
    op.add_column("sessions", sa.Column("client", sa.Text(), nullable=True))
    op.add_column(
        "sessions", sa.Column("by_provider", sa.Boolean(), server_default=false, nullable=False)
    )

    op.create_table(
        "role_permissions",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("permission", sa.Text(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("role", "permission", name=op.f("role_permissions_pkey")),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("sign_in_failures_pkey")),
    )

    op.add_column(
        "units", sa.Column("always_on_duty", sa.Boolean(), server_default=false, nullable=False)
    )
    op.create_check_constraint(
        op.f("units_always_on_duty_check"), "units", "kind = 'vehicle' or not always_on_duty"
    )
    # Until now that was the rule: a vehicle without any duty session.
    op.execute("""
UPDATE units SET always_on_duty = true
WHERE kind = 'vehicle' AND NOT EXISTS (SELECT FROM duty_sessions WHERE duty_sessions.unit_id = units.id)
""")
    op.add_column(
        "devices",
        sa.Column(
            "enrolled_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
    )
    op.create_table(
        "off_duty_fixes",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("fixes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("off_duty_fixes_unit_id_fkey")
        ),
        sa.PrimaryKeyConstraint("unit_id", "day", name=op.f("off_duty_fixes_pkey")),
    )
    op.create_table(
        "unit_days",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("fixes", sa.Integer(), nullable=False),
        sa.Column("flagged", sa.Integer(), nullable=False),
        sa.Column("length_m", sa.Float(), nullable=False),
        sa.Column("moving_s", sa.Float(), nullable=False),
        sa.Column("stopped_s", sa.Float(), nullable=False),
        sa.Column("gap_s", sa.Float(), nullable=False),
        sa.Column("stops", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("unit_days_unit_id_fkey")),
        sa.PrimaryKeyConstraint("unit_id", "day", name=op.f("unit_days_pkey")),
    )

    op.create_table(
        "audit_events",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("details", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_events_pkey")),
    )
    op.create_index(op.f("audit_events_at_idx"), "audit_events", ["at"], postgresql_using="brin")
    op.create_index(op.f("audit_events_subject_idx"), "audit_events", ["subject", "id"])
    op.create_index(op.f("audit_events_actor_idx"), "audit_events", ["actor", "id"])
    op.create_table(
        "audit_head",
        sa.Column("one", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("one", name=op.f("audit_head_one_check")),
        sa.PrimaryKeyConstraint("one", name=op.f("audit_head_pkey")),
    )

    op.execute("""
-- The partition of `fixes` for one day (UTC). Attaching instead of creating in place takes no lock that
-- stops readers or writers; the advisory lock lets two callers ask for the same day at once.
-- Run with its owner's rights: who may add days may not touch what is in them.
CREATE OR REPLACE FUNCTION make_fixes_partition(day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    partition text := 'fixes_' || to_char(day, 'YYYYMMDD');
BEGIN
    IF to_regclass(partition) IS NOT NULL THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('make_fixes_partition'));
    IF to_regclass(partition) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE fixes INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition);
    EXECUTE format(
        'ALTER TABLE fixes ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        partition,
        day::timestamp AT TIME ZONE 'UTC',
        (day + 1)::timestamp AT TIME ZONE 'UTC'
    );
    RETURN true;
END
$$
""")
    op.execute("""
-- Forget the fixes of one day (UTC). Of a day that is not over nothing is dropped.
CREATE FUNCTION drop_fixes_partition(day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    partition text := 'fixes_' || to_char(day, 'YYYYMMDD');
BEGIN
    IF day >= (now() AT TIME ZONE 'UTC')::date THEN
        RAISE EXCEPTION 'the day % is not over', day USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('make_fixes_partition'));
    IF to_regclass(partition) IS NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('DROP TABLE %I', partition);
    RETURN true;
END
$$
""")
    op.execute("""
GRANT SELECT ON alembic_version TO wangge_app, wangge_tracking
""")
    op.execute("""
GRANT SELECT ON
    accounts, audit_events, audit_head, basemap_features, cameras, case_events,
    case_numbers, cases, devices, duty_sessions, facilities, fixes, grid_editions, grids, layer_versions,
    off_duty_fixes, positions, posts, quarantined_fixes, role_permissions, sessions, sign_in_failures,
    staff, unit_days, units
TO wangge_app
""")
    op.execute("""
GRANT INSERT, UPDATE, DELETE ON
    accounts, basemap_features, cameras, devices, duty_sessions, facilities, grid_editions, grids,
    layer_versions, posts, role_permissions, sessions, sign_in_failures, staff, units
TO wangge_app
""")
    op.execute("""
-- Cases are never deleted, and their events never changed.
GRANT INSERT, UPDATE ON cases, case_numbers TO wangge_app
""")
    op.execute("""
GRANT INSERT ON case_events TO wangge_app
""")
    op.execute("""
-- To send a position again; all else about positions is for wangge_tracking.
GRANT UPDATE (seq) ON positions TO wangge_app
""")
    op.execute("""
-- What makes the chain (id, at, hashes) is written by its trigger alone.
GRANT INSERT (account_id, actor, role, address, action, subject, reason, details)
ON audit_events TO wangge_app, wangge_tracking
""")
    op.execute("""
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO wangge_app
""")
    op.execute("""
GRANT SELECT ON
    devices, duty_sessions, fixes, grid_editions, grids, off_duty_fixes, positions,
    quarantined_fixes, unit_days, units
TO wangge_tracking
""")
    op.execute("""
GRANT INSERT ON fixes TO wangge_tracking
""")
    op.execute("""
GRANT INSERT, UPDATE ON off_duty_fixes, positions, unit_days TO wangge_tracking
""")
    op.execute("""
GRANT INSERT, DELETE ON quarantined_fixes TO wangge_tracking
""")
    op.execute("""
GRANT USAGE ON positions_seq, quarantined_fixes_id_seq TO wangge_tracking
""")
    op.execute("""
REVOKE EXECUTE ON FUNCTION make_fixes_partition(date), drop_fixes_partition(date) FROM PUBLIC
""")
    op.execute("""
GRANT EXECUTE ON FUNCTION make_fixes_partition(date), drop_fixes_partition(date) TO wangge_tracking
""")
    op.execute("""
-- Whom the transaction is for (`Viewer.to_setting`). Without a word about it, for nobody.
CREATE FUNCTION viewer() RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('wangge.viewer', true), ''), '{"codes": []}')::jsonb
$$
""")
    op.execute("""
CREATE FUNCTION viewer_sees_everything() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT viewer() -> 'codes' = 'null' AND NOT coalesce((viewer() ->> 'only_self')::boolean, false)
$$
""")
    op.execute("""
-- The grids of the scope; NULL is the whole installation.
CREATE FUNCTION viewer_codes() RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(viewer() -> 'codes') = 'array'
        THEN ARRAY(SELECT jsonb_array_elements_text(viewer() -> 'codes')) END
$$
""")
    op.execute("""
-- The units whose positions and tracks the viewer sees: `Viewer.sees`.
CREATE FUNCTION viewer_units() RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(id), '{}') FROM units
    WHERE staff_id = (SELECT (viewer() ->> 'staff_id')::bigint)
        OR NOT (SELECT coalesce((viewer() ->> 'only_self')::boolean, false))
            AND (
                (SELECT viewer_codes()) IS NULL
                OR grid_code = ANY ((SELECT viewer_codes())::text[])
            )
$$
""")
    op.execute("""
ALTER TABLE fixes ENABLE ROW LEVEL SECURITY
""")
    op.execute("""
-- Each sub-select is worked out once a statement, not once a row.
CREATE POLICY viewer ON fixes TO wangge_app
USING ((SELECT viewer_sees_everything()) OR unit_id = ANY ((SELECT viewer_units())::bigint[]))
""")
    op.execute("""
ALTER TABLE positions ENABLE ROW LEVEL SECURITY
""")
    op.execute("""
CREATE POLICY viewer ON positions TO wangge_app
USING ((SELECT viewer_sees_everything()) OR unit_id = ANY ((SELECT viewer_units())::bigint[]))
""")
    op.execute("""
ALTER TABLE unit_days ENABLE ROW LEVEL SECURITY
""")
    op.execute("""
CREATE POLICY viewer ON unit_days TO wangge_app
USING ((SELECT viewer_sees_everything()) OR unit_id = ANY ((SELECT viewer_units())::bigint[]))
""")
    op.execute("""
ALTER TABLE cases ENABLE ROW LEVEL SECURITY
""")
    op.execute("""
-- Only who sees a case may change it; what they make of it may well lie outside what they see.
CREATE POLICY viewer ON cases TO wangge_app
USING (
    (SELECT viewer_codes()) IS NULL
    OR grid_code = ANY ((SELECT viewer_codes())::text[])
    OR owner_staff_id = (SELECT (viewer() ->> 'staff_id')::bigint)
    OR reported_by_account_id = (SELECT (viewer() ->> 'account_id')::bigint)
)
WITH CHECK (true)
""")
    op.execute("""
ALTER TABLE case_events ENABLE ROW LEVEL SECURITY
""")
    op.execute("""
CREATE POLICY viewer ON case_events TO wangge_app
USING (EXISTS (SELECT FROM cases WHERE cases.id = case_events.case_id))
WITH CHECK (true)
""")
    op.execute("""
-- SHA-256 over the record before and everything in this one. Times as numbers: their text would depend
-- on the session's time zone. `data/audit/audit.sql` works it out again to verify the chain.
CREATE FUNCTION audit_hash(event audit_events) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(jsonb_build_array(
        event.id, extract(epoch FROM event.at), event.account_id, event.actor, event.role,
        event.address, event.action, event.subject, event.reason, event.details,
        encode(event.previous_hash, 'hex')
    )::text, 'UTF8'))
$$
""")
    op.execute("""
-- Appends to the chain. The head's row is locked until the transaction ends, so records stand in the
-- order of their commits and none is missing.
CREATE FUNCTION chain_audit_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    head audit_head;
BEGIN
    SELECT * INTO STRICT head FROM audit_head FOR UPDATE;
    NEW.id := head.last_id + 1;
    NEW.at := clock_timestamp();
    NEW.previous_hash := head.hash;
    NEW.hash := audit_hash(NEW);
    UPDATE audit_head SET last_id = NEW.id, hash = NEW.hash;
    RETURN NEW;
END
$$
""")
    op.execute("""
CREATE TRIGGER chain_audit_event BEFORE INSERT ON audit_events
FOR EACH ROW EXECUTE FUNCTION chain_audit_event()
""")
    op.execute("""
INSERT INTO audit_head (last_id, hash) VALUES (0, '')
""")
    op.execute("""
-- Against accidents of whoever may do everything; the application has no right to begin with.
CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$
""")
    op.execute("""
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
""")
    op.execute("""
CREATE TRIGGER announce_access AFTER INSERT OR UPDATE OR DELETE ON role_permissions
FOR EACH STATEMENT EXECUTE FUNCTION announce_access()
""")
    op.execute("""
-- A code of the second factor that is used up is nobody's access.
CREATE OR REPLACE TRIGGER announce_access AFTER DELETE OR UPDATE OF
    username, password_hash, role, staff_id, grid_code, device_id, granted, disabled,
    must_change_password, totp_secret
ON accounts
FOR EACH ROW EXECUTE FUNCTION announce_access()
""")
    op.execute("""
CREATE TRIGGER announce_access AFTER UPDATE OR DELETE ON devices
FOR EACH STATEMENT EXECUTE FUNCTION announce_access()
""")
