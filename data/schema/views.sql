What the layers of the catalog show: one view a layer, with the fields that its features have, `id`, `geom`
(EPSG:4326) and `geom_3857`. Created after the tables. `security_invoker`: whoever asks a view is shown
what row-level security shows them of its tables.

-- view_layer_grids
-- The grids of every edition that is or was in force, and when.
CREATE VIEW layer_grids WITH (security_invoker) AS
SELECT
    grid.id, grid.code, grid.name, grid.level, grid.parent_code AS parent, grid.area_m2,
    edition.id AS edition, edition.valid_from, edition.valid_to, edition.state = 'active' AS active,
    grid.geom, grid.geom_3857, grid.label_3857
FROM grids AS grid JOIN grid_editions AS edition ON edition.id = grid.edition_id
WHERE edition.state <> 'draft';

-- view_layer_cases
-- Without what was said and by whom: that is asked of the case itself.
CREATE VIEW layer_cases WITH (security_invoker) AS
SELECT
    id, number, state, category, source, urgent, grid_code AS grid, owner_role, rework, reported_at, due_at,
    CASE WHEN open THEN NULL ELSE coalesce(
        closed_at,
        (SELECT max(event.at) FROM case_events AS event WHERE event.case_id = cases.id)
    ) END AS ended_at,
    open, geom, geom_3857
FROM cases;

-- view_layer_staff
-- Where people and vehicles are: their last position.
CREATE VIEW layer_staff WITH (security_invoker) AS
SELECT
    unit.id, unit.code, unit.kind, unit.role, unit.grid_code AS grid, position.at, position.speed_mps,
    position.heading_deg, position.battery_pct,
    ST_SetSRID(ST_MakePoint(position.lon, position.lat), 4326) AS geom,
    ST_Transform(ST_SetSRID(ST_MakePoint(position.lon, position.lat), 4326), 3857) AS geom_3857
FROM positions AS position JOIN units AS unit ON unit.id = position.unit_id;

-- view_layer_tracks
-- The cleaned tracks in pieces of a few fixes. The id is the unit's in the upper 21 bits and the beginning
-- in milliseconds since 1970 in the lower 42.
CREATE VIEW layer_tracks WITH (security_invoker) AS
SELECT
    (segment.unit_id << 42) | (extract(epoch FROM segment.from_at) * 1000)::bigint AS id,
    unit.code AS unit, unit.role, segment.from_at, segment.to_at, segment.fixes, segment.length_m,
    segment.max_speed_mps,
    segment.from_at >= date_trunc('day', now() AT TIME ZONE 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai'
        AS today,
    ST_Force2D(segment.geom) AS geom,
    ST_Transform(ST_Force2D(segment.geom), 3857) AS geom_3857
FROM track_segments AS segment JOIN units AS unit ON unit.id = segment.unit_id;

-- view_layer_sensors
-- Those that are at work. What they measure is asked for apart (GET /sensors), for it changes all the time.
CREATE VIEW layer_sensors WITH (security_invoker) AS
SELECT id, code, name, kind, geom, geom_3857 FROM sensors WHERE retired_at IS NULL;

-- view_layer_changes
-- Suspected changes, each with the case in which somebody goes and looks. One is settled when the case was
-- handled with a verdict, is over or is a part of another case.
CREATE VIEW layer_changes WITH (security_invoker) AS
SELECT
    change.id, change.source, change.area_m2, change.score, change.found_at, change.verdict, change.verdict_at,
    looked_at.number AS case_number, still.pending,
    change.geom, ST_Transform(change.geom, 3857) AS geom_3857,
    CASE WHEN NOT still.pending
        THEN coalesce(change.verdict_at, looked_at.closed_at, change.found_at) END AS settled_at
FROM suspected_changes AS change JOIN cases AS looked_at ON looked_at.id = change.case_id
CROSS JOIN LATERAL (
    SELECT looked_at.open
        AND (change.verdict IS NULL OR looked_at.handled_at IS NULL) AS pending
) AS still;

-- view_layer_findings
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
WHERE edition.state <> 'retired' AND shape.geom IS NOT NULL;
