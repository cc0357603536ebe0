Functions and triggers of the schema. Executed after the tables are created.

-- function_make_fixes_partition
-- The partition of `fixes` for one day (UTC). Attaching instead of creating in place takes no lock that
-- stops readers or writers; the advisory lock lets two callers ask for the same day at once.
-- Run with its owner's rights: who may add days may not touch what is in them.
CREATE FUNCTION make_fixes_partition(day date) RETURNS boolean
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
$$;

-- function_drop_fixes_partition
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
$$;

-- function_bump_layer_version
-- A change to a layer's table raises the version of the layer in the same transaction.
CREATE FUNCTION bump_layer_version() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO layer_versions (layer) VALUES (TG_ARGV[0])
    ON CONFLICT (layer) DO UPDATE SET version = layer_versions.version + 1, changed_at = now();
    RETURN NULL;
END
$$;

-- function_bump_changed_layers
-- The same for `layer_features`, which holds the features of many layers.
CREATE FUNCTION bump_changed_layers() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO layer_versions (layer) SELECT DISTINCT layer_id FROM changed ORDER BY layer_id
    ON CONFLICT (layer) DO UPDATE SET version = layer_versions.version + 1, changed_at = now();
    RETURN NULL;
END
$$;

-- function_duty_at
-- A unit's last duty session that had begun at an instant, and whether it was under way then: one index entry,
-- however long the history. Neither STRICT nor with its owner's rights, so that it is planned as a part of
-- what calls it.
CREATE FUNCTION duty_at(unit bigint, instant timestamptz)
RETURNS TABLE (began_at timestamptz, ended_at timestamptz, under_way boolean)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT began_at, ended_at, coalesce(ended_at > instant, true)
    FROM duty_sessions
    WHERE unit_id = unit AND began_at <= instant
    ORDER BY began_at DESC, ended_at DESC
    LIMIT 1
$$;

-- function_posts_in_grids
-- The posts that make somebody the owner of what happens in these grids at an instant, or will before `until`, the
-- earliest first; each with who stands in for its holder, if that one is on leave. Who is on duty or on leave is as
-- of `instant`. A function, because every report asks this: its plan is made once, not for each of them.
CREATE FUNCTION posts_in_grids(grid_codes text[], instant timestamptz, until timestamptz)
RETURNS TABLE (
    staff_id bigint, name text, role text, grid_code text, is_deputy boolean, valid_from timestamptz,
    valid_to timestamptz, on_leave boolean, back_at timestamptz, stand_in_id bigint, stand_in_name text,
    on_duty boolean, stand_in_on_duty boolean
)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH held AS (
        SELECT posts.id, posts.staff_id, staff.name, posts.role, posts.grid_code, posts.is_deputy,
            posts.valid_from, posts.valid_to,
            leave.staff_id IS NOT NULL AS on_leave, leave.ends_at AS back_at,
            leave.stand_in_id, stand_in.name AS stand_in_name
        FROM posts
        JOIN staff ON staff.id = posts.staff_id
        LEFT JOIN staff_on_leave(instant) AS leave ON leave.staff_id = posts.staff_id
        LEFT JOIN staff AS stand_in ON stand_in.id = leave.stand_in_id
        WHERE posts.grid_code = ANY (grid_codes)
            AND posts.role IN ('grid_worker', 'grid_chief')
            AND posts.valid_from <= until AND (posts.valid_to IS NULL OR posts.valid_to > instant)
    ),
    present AS (
        SELECT units.staff_id
        FROM units
        JOIN LATERAL duty_at(units.id, instant) AS duty ON duty.under_way
        WHERE units.staff_id IN (SELECT held.staff_id FROM held UNION SELECT held.stand_in_id FROM held)
    )
    SELECT held.staff_id, held.name, held.role, held.grid_code, held.is_deputy, held.valid_from,
        held.valid_to, held.on_leave, held.back_at, held.stand_in_id, held.stand_in_name,
        EXISTS (SELECT FROM present WHERE present.staff_id = held.staff_id),
        EXISTS (SELECT FROM present WHERE present.staff_id = held.stand_in_id)
    FROM held
    ORDER BY held.id;
END
$$;

-- function_make_layer_partition
-- A place of its own for the features of a layer that somebody adds. Run with its owner's rights: the
-- server makes no tables. Attaching instead of creating in place takes no lock that stops readers.
CREATE FUNCTION make_layer_partition(layer text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    partition text := 'layer_features_' || md5(layer);
BEGIN
    EXECUTE format('CREATE TABLE %I (LIKE layer_features INCLUDING ALL EXCLUDING IDENTITY)', partition);
    EXECUTE format('ALTER TABLE layer_features ATTACH PARTITION %I FOR VALUES IN (%L)', partition, layer);
END
$$;

-- function_drop_layer_partition
-- Forget the features of a layer.
CREATE FUNCTION drop_layer_partition(layer text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format('DROP TABLE IF EXISTS %I', 'layer_features_' || md5(layer));
END
$$;

-- trigger_layers
CREATE TRIGGER bump_layer_version AFTER INSERT OR UPDATE OR DELETE ON layers
FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version('catalog');

-- trigger_layer_features_insert
CREATE TRIGGER bump_inserted AFTER INSERT ON layer_features
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION bump_changed_layers();

-- trigger_layer_features_update
CREATE TRIGGER bump_updated AFTER UPDATE ON layer_features
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION bump_changed_layers();

-- trigger_layer_features_delete
CREATE TRIGGER bump_deleted AFTER DELETE ON layer_features
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION bump_changed_layers();

-- trigger_cameras
CREATE TRIGGER bump_layer_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON cameras
FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version('cameras');

-- function_camera_view
-- What a camera sees on a plain: the sector of a circle on the ellipsoid, a corner every 5 degrees at most;
-- a whole circle for 360 degrees, nothing where its angle, its range, or where it looks is not known.
CREATE FUNCTION camera_view(place geometry, bearing_deg real, fov_deg real, range_m real) RETURNS geometry
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ST_MakePolygon(ST_AddPoint(line, ST_StartPoint(line)))
    FROM (
        SELECT ST_MakeLine(corner ORDER BY number) AS line
        FROM (
            SELECT -1 AS number, place AS corner WHERE fov_deg < 360
            UNION ALL
            SELECT number, ST_Project(
                place::geography,
                range_m,
                radians(
                    (coalesce(bearing_deg, 0) - fov_deg / 2 + fov_deg * number / ceil(fov_deg / 5))::float8
                )
            )::geometry
            FROM generate_series(0, ceil(fov_deg / 5)::int - (fov_deg >= 360)::int) AS number
        ) AS corners
    ) AS drawn
    WHERE fov_deg > 0 AND range_m > 0 AND (fov_deg >= 360 OR bearing_deg IS NOT NULL)
$$;

-- function_draw_camera_view
CREATE FUNCTION draw_camera_view() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.view := camera_view(NEW.geom, NEW.bearing_deg, NEW.fov_deg, NEW.range_m);
    RETURN NEW;
END
$$;

-- trigger_camera_views
CREATE TRIGGER draw_camera_view BEFORE INSERT OR UPDATE ON cameras
FOR EACH ROW EXECUTE FUNCTION draw_camera_view();

-- trigger_facilities
CREATE TRIGGER bump_layer_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON facilities
FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version('facilities');

-- trigger_sensors
CREATE TRIGGER bump_layer_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON sensors
FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version('sensors');

-- trigger_basemap_features
CREATE TRIGGER bump_layer_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON basemap_features
FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version('basemap');

-- trigger_grids
CREATE TRIGGER bump_layer_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON grids
FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version('grids');

-- trigger_grid_editions
CREATE TRIGGER bump_layer_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON grid_editions
FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version('grids');

-- trigger_findings
CREATE TRIGGER bump_findings_version AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE OF findings, state
ON grid_editions FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version('findings');

-- function_announce_access
-- Whoever keeps in memory what an account may see learns that it may have changed.
CREATE FUNCTION announce_access() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('access', '');
    RETURN NULL;
END
$$;

-- trigger_sessions
-- For each row: clearing away expired sessions, when there are none, announces nothing.
CREATE TRIGGER announce_access AFTER UPDATE OR DELETE ON sessions
FOR EACH ROW EXECUTE FUNCTION announce_access();

-- trigger_accounts
-- A code of the second factor that is used up is nobody's access.
CREATE TRIGGER announce_access AFTER DELETE OR UPDATE OF
    username, password_hash, role, staff_id, grid_code, device_id, granted, disabled,
    must_change_password, totp_secret
ON accounts
FOR EACH ROW EXECUTE FUNCTION announce_access();

-- trigger_posts
CREATE TRIGGER announce_access AFTER INSERT OR UPDATE OR DELETE ON posts
FOR EACH STATEMENT EXECUTE FUNCTION announce_access();

-- trigger_staff
CREATE TRIGGER announce_access AFTER UPDATE ON staff
FOR EACH STATEMENT EXECUTE FUNCTION announce_access();

-- trigger_editions_access
CREATE TRIGGER announce_access AFTER INSERT OR UPDATE OR DELETE ON grid_editions
FOR EACH STATEMENT EXECUTE FUNCTION announce_access();

-- trigger_role_permissions
CREATE TRIGGER announce_access AFTER INSERT OR UPDATE OR DELETE ON role_permissions
FOR EACH STATEMENT EXECUTE FUNCTION announce_access();

-- trigger_devices
CREATE TRIGGER announce_access AFTER UPDATE OR DELETE ON devices
FOR EACH STATEMENT EXECUTE FUNCTION announce_access();
