"""Staff, the posts they hold in the grid tree, and the accounts of people, programs and devices."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY

from data.schema.columns import identity, instant, metadata

staff = Table(
    "staff",
    metadata,
    identity(),
    Column("name", Text, nullable=False),
    Column("phone", Text),
    Column("identity_number", Text),
)

# A department that handles cases.
departments = Table(
    "departments",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("active", Boolean, nullable=False),
)

posts = Table(
    "posts",
    metadata,
    identity(),
    Column("staff_id", BigInteger, ForeignKey(staff.c.id), nullable=False),
    Column("role", Text, nullable=False),
    # A code, not an id: the post outlives the edition. NULL is the whole installation.
    Column("grid_code", Text),
    Column("is_deputy", Boolean, nullable=False, server_default="false"),
    Column("department", Text, ForeignKey(departments.c.code)),  # of a handler
    instant("valid_from", now=True),
    instant("valid_to", nullable=True),
    CheckConstraint("valid_to is null or valid_to > valid_from", name="dates"),
    Index("posts_grid_code_idx", "grid_code"),
    Index("posts_staff_id_idx", "staff_id"),
    Index("posts_department_idx", "department", postgresql_where="department is not null"),
)

# Leave of staff. Who owned what is told from these for ever: no row goes.
staff_leaves = Table(
    "staff_leaves",
    metadata,
    identity(),
    Column("staff_id", BigInteger, ForeignKey(staff.c.id), nullable=False),
    Column("kind", Text, nullable=False),
    instant("begins_at"),
    instant("ends_at", nullable=True),  # NULL: until somebody ends it
    Column("stand_in_id", BigInteger, ForeignKey(staff.c.id)),
    Column("note", Text),
    instant("entered_at"),
    Column("entered_by", Text, nullable=False),
    Column("entered_by_account_id", BigInteger, ForeignKey("accounts.id")),
    instant("cancelled_at", nullable=True),
    CheckConstraint("ends_at is null or ends_at > begins_at", name="dates"),
    CheckConstraint("stand_in_id <> staff_id", name="stand_in"),
    Index("staff_leaves_staff_id_begins_at_idx", "staff_id", "begins_at"),
)

accounts = Table(
    "accounts",
    metadata,
    identity(),
    Column("username", Text, nullable=False),
    Column("password_hash", Text),  # NULL: signs in by token only
    Column("role", Text, nullable=False),
    Column("staff_id", BigInteger, ForeignKey(staff.c.id)),
    Column("grid_code", Text),  # scope of an account that belongs to nobody on the staff
    Column("device_id", BigInteger, ForeignKey("devices.id", ondelete="CASCADE")),
    # Permissions beyond those of the role.
    Column("granted", ARRAY(Text), nullable=False, server_default="{}"),
    Column("disabled", Boolean, nullable=False, server_default="false"),
    instant("password_changed_at", now=True),
    # Somebody else knows the password: it lets in no further than to where it is changed.
    Column("must_change_password", Boolean, nullable=False, server_default="false"),
    Column("totp_secret", LargeBinary),  # encrypted with the installation's key
    Column("totp_last_step", BigInteger),  # a code counts once
    Column("oidc_subject", Text),  # the issuer and the subject there, with a space between
    instant("created_at", now=True),
    UniqueConstraint("username"),
    UniqueConstraint("device_id"),
    UniqueConstraint("oidc_subject"),
)

sessions = Table(
    "sessions",
    metadata,
    Column(
        "token_hash", LargeBinary, primary_key=True
    ),  # SHA-256; the token itself is never stored
    Column("account_id", BigInteger, ForeignKey(accounts.c.id, ondelete="CASCADE"), nullable=False),
    # 'terminal': the code of a JT/T 808 terminal, which signs nobody in over HTTP.
    Column("kind", Text, nullable=False),
    Column("address", Text),  # where it was opened from
    Column("client", Text),  # the browser, or what a token is for
    Column("by_provider", Boolean, nullable=False, server_default="false"),  # not by password
    instant("created_at", now=True),
    instant("expires_at", nullable=True),  # NULL: until revoked
    CheckConstraint("kind in ('session', 'token', 'terminal')", name="kind"),
    Index("sessions_account_id_idx", "account_id"),
)

# What differs here from the table in `api.accounts.roles`.
role_permissions = Table(
    "role_permissions",
    metadata,
    Column("role", Text, primary_key=True),
    Column("permission", Text, primary_key=True),
    Column("granted", Boolean, nullable=False),
)

# Who guesses passwords or codes waits, also after a restart. The key names an account, an address or
# both.
sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("key", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    instant("last_at"),
)
