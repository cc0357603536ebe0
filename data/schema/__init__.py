"""Every table of the installation, as SQLAlchemy Core definitions.

Geometry is stored in EPSG:4326, lon before lat. Beside it stands the same geometry in EPSG:3857,
kept by the database itself, so that a vector tile never projects anything.
"""

from data.schema.alerts import alerts, areas, late_fixes, plan_watches, watches
from data.schema.audit import audit_events, audit_head
from data.schema.calendar import calendar_days, work_calendar
from data.schema.cases import (
    case_events,
    case_holds,
    case_numbers,
    cases,
    citizen_reports,
    distinct_cases,
)
from data.schema.categories import case_categories, case_category_version
from data.schema.changes import suspected_changes
from data.schema.columns import metadata
from data.schema.figures import figure_thresholds, ranking_weights, reports, round_results
from data.schema.functions import create_functions_after_tables
from data.schema.grids import (
    edition_change_grids,
    edition_changes,
    grid_editions,
    grid_lineage,
    grid_outlines,
    grids,
)
from data.schema.inspections import inspections
from data.schema.layers import layer_features, layer_versions, layers
from data.schema.mappings import field_mappings
from data.schema.notices import notice_preferences, notices
from data.schema.outbox import channels, outbox
from data.schema.people import (
    accounts,
    departments,
    posts,
    role_permissions,
    sessions,
    sign_in_failures,
    staff,
    staff_leaves,
)
from data.schema.photos import photos
from data.schema.places import (
    basemap_features,
    cameras,
    facilities,
    facility_imports,
    facility_versions,
    video_rounds,
)
from data.schema.plans import checkpoints, patrol_plans
from data.schema.rosters import roster_substitutions, rosters
from data.schema.sensors import (
    sensor_exceedances,
    sensor_readings,
    sensor_rules,
    sensors,
)
from data.schema.tracking import (
    devices,
    duty_sessions,
    fixes,
    off_duty_fixes,
    positions,
    quarantined_fixes,
    units,
)
from data.schema.tracks import (
    changed_days,
    gaps,
    renewed_tracks,
    stops,
    track_segments,
    trips,
    unit_days,
    visits,
)

create_functions_after_tables(metadata)

__all__ = [
    "accounts",
    "alerts",
    "areas",
    "audit_events",
    "audit_head",
    "basemap_features",
    "calendar_days",
    "cameras",
    "case_categories",
    "case_category_version",
    "case_events",
    "case_holds",
    "case_numbers",
    "cases",
    "changed_days",
    "channels",
    "checkpoints",
    "citizen_reports",
    "departments",
    "devices",
    "distinct_cases",
    "duty_sessions",
    "edition_change_grids",
    "edition_changes",
    "facilities",
    "facility_imports",
    "facility_versions",
    "field_mappings",
    "figure_thresholds",
    "fixes",
    "gaps",
    "grid_editions",
    "grid_lineage",
    "grid_outlines",
    "grids",
    "inspections",
    "late_fixes",
    "layer_features",
    "layer_versions",
    "layers",
    "metadata",
    "notice_preferences",
    "notices",
    "off_duty_fixes",
    "outbox",
    "patrol_plans",
    "photos",
    "plan_watches",
    "positions",
    "posts",
    "quarantined_fixes",
    "ranking_weights",
    "renewed_tracks",
    "reports",
    "role_permissions",
    "roster_substitutions",
    "rosters",
    "round_results",
    "sensor_exceedances",
    "sensor_readings",
    "sensor_rules",
    "sensors",
    "sessions",
    "sign_in_failures",
    "staff",
    "staff_leaves",
    "stops",
    "suspected_changes",
    "track_segments",
    "trips",
    "unit_days",
    "units",
    "video_rounds",
    "visits",
    "watches",
    "work_calendar",
]
