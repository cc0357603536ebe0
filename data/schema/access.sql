What each of the database's roles may do, and which rows the application is shown.

The role that owns the tables migrates and runs the commands of whoever works at the machine. The server
uses two others: wangge_app answers requests and is subject to row-level security; wangge_tracking stores
fixes, feeds the live stream and drops what was kept long enough, sees every row of tracking and of readings, and
nothing else. COPY does not work under row-level security, which is why the second one bypasses it.

All of it is in this one file: rights first, then who is looking, then what that one sees of each table. A table
that is not here cannot be read. What units did has one policy for all of its tables; the others look alike and are
not the same, so each is written out with its reason. A function that runs with its owner's rights says why.

-- grants_read
GRANT SELECT ON
    accounts, alerts, areas, audit_events, audit_head, basemap_features, cameras, case_events,
    case_numbers, cases, changed_days, devices, duty_sessions, facilities, fixes, gaps, grid_editions,
    grid_outlines, grids, layer_cases, layer_changes, layer_features, layer_findings, layer_grids, layer_sensors, layer_staff,
    layer_tracks,
    layer_versions, layers, off_duty_fixes, positions, posts, quarantined_fixes, role_permissions, sessions,
    sign_in_failures, staff, stops, track_segments, trips, unit_days, units, visits
TO wangge_app;

-- grants_write
GRANT INSERT, UPDATE, DELETE ON
    accounts, basemap_features, cameras, devices, duty_sessions, facilities, grid_editions,
    grid_outlines, grids, layer_features, layer_versions, layers, posts, role_permissions, sessions,
    sign_in_failures, staff, units
TO wangge_app;

-- grants_cases
-- Cases are never deleted, and their events never changed.
GRANT INSERT, UPDATE ON cases, case_numbers TO wangge_app;

-- grants_case_events
GRANT INSERT ON case_events TO wangge_app;

-- grants_case_holds
GRANT SELECT, INSERT, UPDATE (ended_at) ON case_holds TO wangge_app;

-- grants_inspections
-- Drawn once, and a trigger sees to it that nothing of it changes any more.
GRANT SELECT, INSERT, UPDATE (
    drawn_at, drawn_by_account_id, drawn_by, public_number, witness, assignments, cancelled_at,
    cancelled_because
) ON inspections TO wangge_app;

-- grants_plans
-- What a round was is told from these for ever: they are ended, and nothing else about them changes.
GRANT SELECT, INSERT, UPDATE (valid_to) ON checkpoints, patrol_plans TO wangge_app;

-- grants_rosters
-- Who came is told from these for ever: a roster is ended, and nothing else about it changes.
GRANT SELECT, INSERT, UPDATE (valid_to) ON rosters TO wangge_app;

-- grants_roster_substitutions
GRANT SELECT, INSERT ON roster_substitutions TO wangge_app;

-- grants_staff_leaves
-- Who owned what is told from these for ever: a leave ends early or is cancelled, and never goes.
GRANT SELECT, INSERT, UPDATE (ends_at, cancelled_at) ON staff_leaves TO wangge_app;

-- grants_edition_changes
-- What was done to a draft goes with it; by itself nothing of it changes but whether it was undone.
GRANT SELECT, INSERT, UPDATE (state) ON edition_changes TO wangge_app;

-- grants_edition_change_grids
GRANT SELECT, INSERT ON edition_change_grids TO wangge_app;

-- grants_grid_lineage
GRANT SELECT, INSERT ON grid_lineage TO wangge_app;

-- grants_field_mappings
GRANT SELECT, INSERT, UPDATE, DELETE ON field_mappings TO wangge_app;

-- grants_calendar_days
GRANT SELECT, INSERT, UPDATE, DELETE ON calendar_days TO wangge_app;

-- grants_work_calendar
GRANT SELECT, INSERT, UPDATE ON work_calendar TO wangge_app;

-- grants_case_categories
GRANT SELECT, INSERT, UPDATE, DELETE ON case_categories TO wangge_app;

-- grants_case_category_version
GRANT SELECT, INSERT, UPDATE ON case_category_version TO wangge_app;

-- grants_departments
-- One that is retired stays, for posts were in it.
GRANT SELECT, INSERT, UPDATE ON departments TO wangge_app;

-- grants_positions
-- To send a position again; all else about positions is for wangge_tracking.
GRANT UPDATE (seq) ON positions TO wangge_app;

-- grants_areas
-- An area is never deleted, for alerts are about it.
GRANT INSERT, UPDATE ON areas TO wangge_app;

-- grants_alerts
-- What somebody made of an alert; all else about alerts is for wangge_tracking.
GRANT UPDATE (
    acknowledged_at, acknowledged_by_account_id, acknowledged_by, note, case_id, ended_at, seq
) ON alerts TO wangge_app;

-- grants_video_rounds
GRANT SELECT, INSERT, DELETE ON video_rounds TO wangge_app;

-- grants_facility_imports
GRANT SELECT, INSERT, UPDATE, DELETE ON facility_imports, facility_versions TO wangge_app;

-- grants_suspected_changes
-- What was found stays; only the verdict is written later.
GRANT SELECT, INSERT, UPDATE (verdict, verdict_by, verdict_at) ON suspected_changes TO wangge_app;

-- grants_photos
-- A photo becomes a case's, once; one that became nobody's goes.
GRANT SELECT, INSERT, DELETE, UPDATE (case_id, seq, ordinal, role) ON photos TO wangge_app;

-- grants_citizen_reports
GRANT SELECT, INSERT ON citizen_reports TO wangge_app;

-- grants_distinct_cases
-- Said, or taken back; the audit has both.
GRANT SELECT, INSERT, DELETE ON distinct_cases TO wangge_app;

-- grants_sensors
-- What was measured is never changed, and what followed from it is kept.
GRANT SELECT, INSERT, UPDATE ON sensors, sensor_exceedances TO wangge_app;

-- grants_sensor_rules
GRANT SELECT, INSERT, UPDATE (valid_to) ON sensor_rules TO wangge_app;

-- grants_sensor_readings
GRANT SELECT, INSERT ON sensor_readings TO wangge_app;

-- grants_notices
-- What was told stays as it was; only `tell_notices` adds to it, and only the system drops what is old.
GRANT SELECT, UPDATE (read_at, seq), DELETE ON notices TO wangge_app;

-- grants_notice_preferences
GRANT SELECT, INSERT, UPDATE ON notice_preferences TO wangge_app;

-- grants_channels
-- A channel is removed by its date, for what was sent is about it.
GRANT SELECT, INSERT, UPDATE ON channels TO wangge_app;

-- grants_outbox
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO wangge_app;

-- grants_figures
-- What an installation chose.
GRANT SELECT, INSERT, UPDATE, DELETE ON figure_thresholds, ranking_weights TO wangge_app;

-- grants_reports
-- A report is never changed: a correction is another version beside it.
GRANT SELECT, INSERT ON reports TO wangge_app;

-- grants_round_results
GRANT SELECT ON round_results TO wangge_app;

-- grants_audit
-- What makes the chain (id, at, hashes) is written by its trigger alone.
GRANT INSERT (account_id, actor, role, address, action, subject, reason, details)
ON audit_events TO wangge_app, wangge_tracking;

-- grants_sequences
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO wangge_app;

-- grants_tracking_read
GRANT SELECT ON
    alerts, areas, checkpoints, devices, duty_sessions, fixes, grid_editions, grids, late_fixes,
    off_duty_fixes, patrol_plans, plan_watches, positions, quarantined_fixes, renewed_tracks, units, watches
TO wangge_tracking;

-- grants_tracking_write
GRANT INSERT ON fixes TO wangge_tracking;

-- grants_tracking_state
GRANT INSERT, UPDATE ON alerts, off_duty_fixes, plan_watches, positions, watches TO wangge_tracking;

-- grants_tracking_facts
-- What follows from fixes is worked out again and again.
GRANT SELECT, INSERT, UPDATE, DELETE ON
    changed_days, gaps, stops, track_segments, trips, unit_days, visits
TO wangge_tracking;

-- grants_tracking_rounds
GRANT SELECT, INSERT, UPDATE ON round_results TO wangge_tracking;

-- grants_tracking_quarantine
GRANT INSERT, DELETE ON late_fixes, quarantined_fixes, renewed_tracks TO wangge_tracking;

-- grants_tracking_readings
-- To drop what sensors measured when it was kept long enough, but for what an exceedance rests on.
GRANT SELECT ON sensors, sensor_exceedances TO wangge_tracking;

-- grants_tracking_readings_drop
GRANT SELECT, DELETE ON sensor_readings TO wangge_tracking;

-- grants_tracking_sequences
GRANT USAGE ON
    alerts_id_seq, late_fixes_id_seq, positions_seq, quarantined_fixes_id_seq, renewed_tracks_id_seq
TO wangge_tracking;

-- grants_layer_partitions
REVOKE EXECUTE ON FUNCTION make_layer_partition(text), drop_layer_partition(text) FROM PUBLIC;

-- grants_layer_partitions_application
GRANT EXECUTE ON FUNCTION make_layer_partition(text), drop_layer_partition(text) TO wangge_app;

-- grants_partitions
REVOKE EXECUTE ON FUNCTION make_fixes_partition(date), drop_fixes_partition(date) FROM PUBLIC;

-- grants_partitions_tracking
GRANT EXECUTE ON FUNCTION make_fixes_partition(date), drop_fixes_partition(date) TO wangge_tracking;

-- function_viewer
-- Whom the transaction is for (`Viewer.to_setting`). Without a word about it, for nobody.
CREATE FUNCTION viewer() RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('wangge.viewer', true), ''), '{"codes": []}')::jsonb
$$;

-- function_viewer_sees_everything
CREATE FUNCTION viewer_sees_everything() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT viewer() -> 'codes' = 'null' AND NOT coalesce((viewer() ->> 'only_self')::boolean, false)
$$;

-- function_viewer_is_the_system
-- Nobody's account: what goes on by itself.
CREATE FUNCTION viewer_is_the_system() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT viewer_sees_everything()
        AND viewer() ->> 'account_id' IS NULL AND viewer() ->> 'staff_id' IS NULL
$$;

-- function_viewer_codes
-- The grids of the scope; NULL is the whole installation.
CREATE FUNCTION viewer_codes() RETURNS text[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(viewer() -> 'codes') = 'array'
        THEN ARRAY(SELECT jsonb_array_elements_text(viewer() -> 'codes')) END
$$;

-- function_viewer_units
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
$$;

-- function_viewer_plans
-- The patrol plans that the viewer may read: `Viewer.reads_plan`.
CREATE FUNCTION viewer_plans() RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(plan.id), '{}')
    FROM patrol_plans AS plan LEFT JOIN units ON units.id = plan.unit_id
    WHERE (SELECT viewer_codes()) IS NULL
        OR plan.grid_code = ANY ((SELECT viewer_codes())::text[])
        OR units.staff_id = (SELECT (viewer() ->> 'staff_id')::bigint)
$$;

-- policies_of_units
-- What a unit did is for whoever sees the unit. Each sub-select is worked out once a statement, not once a row.
DO $$
DECLARE
    about_units name;
BEGIN
    FOREACH about_units IN ARRAY ARRAY[
        'fixes', 'positions', 'unit_days', 'changed_days', 'track_segments', 'trips', 'stops', 'gaps',
        'visits'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', about_units);
        EXECUTE format(
            'CREATE POLICY viewer ON %I TO wangge_app USING ('
            '(SELECT viewer_sees_everything()) OR unit_id = ANY ((SELECT viewer_units())::bigint[]))',
            about_units
        );
    END LOOP;
END
$$;

-- function_segments_near
-- The segments whose box meets a box (EPSG:4326) between two instants, of the units that the viewer sees.
-- Under row-level security no index on geometry is ever used: its operators are not leak-proof, so they wait
-- until the policy has seen every row. This runs with its owner's rights, for whom there is no policy, and
-- asks what the policy asks. PL/pgSQL plans it for the box that is asked about.
CREATE FUNCTION segments_near(
    west double precision, south double precision, east double precision, north double precision,
    since timestamptz, until timestamptz
) RETURNS SETOF track_segments
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT * FROM track_segments AS segment
    WHERE segment.geom &&& ST_SetSRID(ST_MakeLine(
            ST_MakePointM(west, south, extract(epoch FROM since)),
            ST_MakePointM(east, north, extract(epoch FROM until))
        ), 4326)
        AND segment.from_at < until AND segment.to_at >= since
        AND (
            (SELECT viewer_sees_everything())
            OR segment.unit_id = ANY ((SELECT viewer_units())::bigint[])
        );
END
$$;

-- grants_segments_near
REVOKE EXECUTE ON FUNCTION segments_near(
    double precision, double precision, double precision, double precision, timestamptz, timestamptz
) FROM PUBLIC;

-- grants_segments_near_application
GRANT EXECUTE ON FUNCTION segments_near(
    double precision, double precision, double precision, double precision, timestamptz, timestamptz
) TO wangge_app;

-- function_segments_for_plan
-- The segments whose box meets a box (EPSG:4326) between two instants, of the units that count for a plan:
-- of all of them, for a plan that the viewer may read. Whether a round was done does not depend on who asks;
-- what tells one unit from another is taken away from whoever may not know it (`patrol.plans.results`).
CREATE FUNCTION segments_for_plan(
    plan_id bigint,
    west double precision, south double precision, east double precision, north double precision,
    since timestamptz, until timestamptz
) RETURNS SETOF track_segments
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    counting bigint[] := ARRAY(
        SELECT units.id
        FROM patrol_plans AS plan JOIN units
            ON (plan.role IS NULL OR units.role = plan.role)
            AND (plan.unit_id IS NULL OR units.id = plan.unit_id)
        WHERE plan.id = segments_for_plan.plan_id AND (
            viewer_codes() IS NULL
            OR plan.grid_code = ANY (viewer_codes())
            OR plan.unit_id IN (
                SELECT own.id FROM units AS own WHERE own.staff_id = (viewer() ->> 'staff_id')::bigint
            )
        )
    );
BEGIN
    RETURN QUERY
    SELECT * FROM track_segments AS segment
    WHERE segment.geom &&& ST_SetSRID(ST_MakeLine(
            ST_MakePointM(west, south, extract(epoch FROM since)),
            ST_MakePointM(east, north, extract(epoch FROM until))
        ), 4326)
        AND segment.from_at < until AND segment.to_at >= since
        AND segment.unit_id = ANY (counting);
END
$$;

-- function_facts_as_of
-- When the oldest mark was made on these days: fixes of anybody that arrived later may not be in the facts.
CREATE FUNCTION facts_as_of(first date, last date) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT min(changed_at) FROM changed_days WHERE day BETWEEN first AND last
$$;

-- grants_plan_functions
REVOKE EXECUTE ON FUNCTION segments_for_plan(
    bigint, double precision, double precision, double precision, double precision, timestamptz,
    timestamptz
), facts_as_of(date, date) FROM PUBLIC;

-- grants_plan_functions_application
GRANT EXECUTE ON FUNCTION segments_for_plan(
    bigint, double precision, double precision, double precision, double precision, timestamptz,
    timestamptz
), facts_as_of(date, date) TO wangge_app, wangge_tracking;

-- security_alerts
ALTER TABLE alerts ENABLE ROW LEVEL SECURITY;

-- policy_alerts
-- About the units that one sees, and the plans that one may read.
CREATE POLICY viewer ON alerts TO wangge_app
USING (
    (SELECT viewer_sees_everything())
    OR unit_id = ANY ((SELECT viewer_units())::bigint[])
    OR plan_id = ANY ((SELECT viewer_plans())::bigint[])
);

-- security_round_results
ALTER TABLE round_results ENABLE ROW LEVEL SECURITY;

-- policy_round_results
-- Of the plans that one may read.
CREATE POLICY viewer ON round_results TO wangge_app
USING (plan_id = ANY ((SELECT viewer_plans())::bigint[]));

-- security_reports
ALTER TABLE reports ENABLE ROW LEVEL SECURITY;

-- policy_reports
-- Of one's grids; that of the whole installation is for whoever works for all of it.
CREATE POLICY viewer ON reports TO wangge_app
USING (
    (SELECT viewer_codes()) IS NULL OR grid_code = ANY ((SELECT viewer_codes())::text[])
);

-- function_viewer_stands_in
-- The rosters in which the viewer stands in for somebody. With its owner's rights: the policy of
-- substitutions asks that of rosters, which asks this.
CREATE FUNCTION viewer_stands_in() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT roster_id), '{}') FROM roster_substitutions
    WHERE substitute_id = (viewer() ->> 'staff_id')::bigint
$$;

-- grants_viewer_stands_in
REVOKE EXECUTE ON FUNCTION viewer_stands_in() FROM PUBLIC;

-- grants_viewer_stands_in_application
GRANT EXECUTE ON FUNCTION viewer_stands_in() TO wangge_app;

-- security_rosters
ALTER TABLE rosters ENABLE ROW LEVEL SECURITY;

-- policy_rosters
-- Of one's grids, and where one stands oneself; made and ended in one's grids only.
CREATE POLICY viewer ON rosters TO wangge_app
USING (
    (SELECT viewer_codes()) IS NULL
    OR grid_code = ANY ((SELECT viewer_codes())::text[])
    OR teams @> (
        SELECT jsonb_build_array(jsonb_build_object('people', jsonb_build_array(viewer() -> 'staff_id')))
    )
    OR id = ANY ((SELECT viewer_stands_in())::bigint[])
)
WITH CHECK (
    (SELECT viewer_codes()) IS NULL OR grid_code = ANY ((SELECT viewer_codes())::text[])
);

-- security_roster_substitutions
ALTER TABLE roster_substitutions ENABLE ROW LEVEL SECURITY;

-- policy_roster_substitutions
CREATE POLICY viewer ON roster_substitutions TO wangge_app
USING (EXISTS (SELECT FROM rosters WHERE rosters.id = roster_substitutions.roster_id));

-- function_staff_on_leave
-- Who is on leave at an instant, until when (NULL: until it is ended), and who stands in: nobody who is on
-- leave then too. With its owner's rights: whose a case is does not depend on who asks, and what kind of
-- leave it is, is not told.
CREATE FUNCTION staff_on_leave(instant timestamptz)
RETURNS TABLE (staff_id bigint, ends_at timestamptz, stand_in_id bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH away AS (
        SELECT staff_id, ends_at, stand_in_id FROM staff_leaves
        WHERE begins_at <= instant AND (ends_at IS NULL OR ends_at > instant) AND cancelled_at IS NULL
    )
    SELECT away.staff_id, away.ends_at,
        CASE WHEN away.stand_in_id NOT IN (SELECT also.staff_id FROM away AS also)
            THEN away.stand_in_id END
    FROM away
$$;

-- grants_staff_on_leave
REVOKE EXECUTE ON FUNCTION staff_on_leave(timestamptz) FROM PUBLIC;

-- grants_staff_on_leave_application
GRANT EXECUTE ON FUNCTION staff_on_leave(timestamptz) TO wangge_app;

-- workload
-- How much each of these staff has in hand, and how much of it is late. With its owner's rights: whoever reports
-- something sees few of the cases by which its owner is chosen.
CREATE FUNCTION workload(staff_ids bigint[], at timestamptz)
RETURNS TABLE (staff_id bigint, open bigint, overdue bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT owner_staff_id, count(*), count(*) FILTER (WHERE due_at < at AND state <> 'on_hold')
    FROM cases
    WHERE cases.open AND handled_at IS NULL AND owner_staff_id = ANY (staff_ids)
    GROUP BY owner_staff_id
$$;

-- workload_for_nobody_else
REVOKE EXECUTE ON FUNCTION workload(bigint[], timestamptz) FROM PUBLIC;

-- workload_for_the_application
GRANT EXECUTE ON FUNCTION workload(bigint[], timestamptz) TO wangge_app;

-- complaints_before
-- In how many complaints before this one, of its category since `since`, the same place (`near_m` metres around,
-- EPSG:4326) or the same mobile number was named. With its owner's rights: it is the same whoever files the case,
-- and by their own they use no index on places. Not what became void or a part of another, which counts it, nor
-- those of which somebody has said that they and this one are two.
CREATE FUNCTION complaints_before(
    this_id bigint, this_category text, this_at timestamptz, since timestamptz,
    lon double precision, lat double precision, near_m double precision, mobile text
) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    place geometry := ST_SetSRID(ST_MakePoint(lon, lat), 4326);
    around geometry := ST_Expand(place, near_m / 110000 / cos(radians(lat)), near_m / 110000);
    before bigint;
BEGIN
    WITH same AS (
        SELECT id, reports FROM cases
        WHERE geom && around
            AND ST_Distance(geom::geography, place::geography) <= near_m
            AND category = this_category AND reported_at >= since AND (reported_at, id) < (this_at, this_id)
            AND source IN ('citizen', 'hotline') AND state NOT IN ('void', 'merged')
        UNION
        SELECT id, reports FROM cases
        WHERE mobile IS NOT NULL AND position(mobile IN reporter) > 0
            AND category = this_category AND reported_at >= since AND (reported_at, id) < (this_at, this_id)
            AND source IN ('citizen', 'hotline') AND state NOT IN ('void', 'merged')
    )
    SELECT coalesce(sum(reports), 0) INTO before FROM same
    WHERE NOT EXISTS (
        SELECT FROM distinct_cases AS said
        WHERE said.lower_case_id = least(same.id, this_id) AND said.higher_case_id = greatest(same.id, this_id)
    );
    RETURN before;
END
$$;

-- complaints_before_for_nobody_else
REVOKE EXECUTE ON FUNCTION complaints_before(
    bigint, text, timestamptz, timestamptz, double precision, double precision, double precision, text
) FROM PUBLIC;

-- complaints_before_for_the_application
GRANT EXECUTE ON FUNCTION complaints_before(
    bigint, text, timestamptz, timestamptz, double precision, double precision, double precision, text
) TO wangge_app;

-- security_staff_leaves
ALTER TABLE staff_leaves ENABLE ROW LEVEL SECURITY;

-- policy_staff_leaves
-- Of whoever holds a post in one's grids, and one's own; field staff see only the latter.
CREATE POLICY viewer ON staff_leaves TO wangge_app
USING (
    (SELECT viewer_sees_everything())
    OR staff_id = (SELECT (viewer() ->> 'staff_id')::bigint)
    OR NOT (SELECT coalesce((viewer() ->> 'only_self')::boolean, false)) AND staff_id IN (
        SELECT posts.staff_id FROM posts
        WHERE posts.grid_code = ANY ((SELECT viewer_codes())::text[])
            AND (posts.valid_to IS NULL OR posts.valid_to > now())
    )
);

-- function_viewer_follows
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
$$;

-- grants_viewer_follows
REVOKE EXECUTE ON FUNCTION viewer_follows() FROM PUBLIC;

-- grants_viewer_follows_application
GRANT EXECUTE ON FUNCTION viewer_follows() TO wangge_app;

-- function_viewer_holds
-- The photos that the viewer, who has no account, has sent: whoever knows their ids.
CREATE FUNCTION viewer_holds() RETURNS uuid[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN jsonb_typeof(viewer() -> 'holds') = 'array'
        THEN ARRAY(SELECT jsonb_array_elements_text(viewer() -> 'holds')::uuid) END
$$;

-- security_cases
ALTER TABLE cases ENABLE ROW LEVEL SECURITY;

-- policy_cases
-- Only who sees a case may change it; what they make of it may well lie outside what they see.
CREATE POLICY viewer ON cases TO wangge_app
USING (
    (SELECT viewer_codes()) IS NULL
    OR grid_code = ANY ((SELECT viewer_codes())::text[])
    OR owner_staff_id = (SELECT (viewer() ->> 'staff_id')::bigint)
    OR reported_by_account_id = (SELECT (viewer() ->> 'account_id')::bigint)
    OR id = ANY ((SELECT viewer_follows())::bigint[])
)
WITH CHECK (true);

-- security_case_events
ALTER TABLE case_events ENABLE ROW LEVEL SECURITY;

-- policy_case_events
CREATE POLICY viewer ON case_events TO wangge_app
USING (EXISTS (SELECT FROM cases WHERE cases.id = case_events.case_id))
WITH CHECK (true);

-- security_case_holds
ALTER TABLE case_holds ENABLE ROW LEVEL SECURITY;

-- policy_case_holds
-- Whoever sees its case. Figures ask for all of them: who sees every case need not look for each.
CREATE POLICY viewer ON case_holds TO wangge_app
USING (
    (SELECT viewer_codes()) IS NULL OR EXISTS (SELECT FROM cases WHERE cases.id = case_holds.case_id)
)
WITH CHECK (true);

-- security_photos
ALTER TABLE photos ENABLE ROW LEVEL SECURITY;

-- policy_photos
-- Whoever sees its case. Before it has one: the account that sent it, and the system itself, which takes
-- care of those that people without an account have sent, and of those that nobody wanted.
CREATE POLICY viewer ON photos TO wangge_app
USING (
    CASE WHEN case_id IS NULL
        THEN uploaded_by_account_id = (SELECT (viewer() ->> 'account_id')::bigint)
            OR (SELECT viewer() -> 'account_id' = 'null' AND viewer_sees_everything())
            OR uploaded_by_account_id IS NULL AND id = ANY ((SELECT viewer_holds())::uuid[])
        ELSE EXISTS (SELECT FROM cases WHERE cases.id = photos.case_id)
    END
)
WITH CHECK (true);

-- policy_photos_attached_once
CREATE POLICY attached_once ON photos AS RESTRICTIVE FOR UPDATE TO wangge_app
USING (case_id IS NULL) WITH CHECK (true);

-- policy_photos_kept
CREATE POLICY kept ON photos AS RESTRICTIVE FOR DELETE TO wangge_app USING (case_id IS NULL);

-- security_suspected_changes
ALTER TABLE suspected_changes ENABLE ROW LEVEL SECURITY;

-- policy_suspected_changes
-- Whoever sees the case, but not whoever follows it by a code.
CREATE POLICY viewer ON suspected_changes TO wangge_app
USING (
    EXISTS (SELECT FROM cases WHERE cases.id = suspected_changes.case_id)
    AND (SELECT viewer() ->> 'follows') IS NULL
)
WITH CHECK (true);

-- security_distinct_cases
ALTER TABLE distinct_cases ENABLE ROW LEVEL SECURITY;

-- policy_distinct_cases
-- Whoever sees both, but not whoever follows one by a code.
CREATE POLICY viewer ON distinct_cases TO wangge_app
USING (
    EXISTS (SELECT FROM cases WHERE cases.id = distinct_cases.lower_case_id)
    AND EXISTS (SELECT FROM cases WHERE cases.id = distinct_cases.higher_case_id)
    AND (SELECT viewer() ->> 'follows') IS NULL
);

-- security_citizen_reports
ALTER TABLE citizen_reports ENABLE ROW LEVEL SECURITY;

-- policy_citizen_reports
-- Nobody's account: whoever looks for the case of a code.
CREATE POLICY viewer ON citizen_reports TO wangge_app
USING ((SELECT viewer_is_the_system()));

-- security_notices
ALTER TABLE notices ENABLE ROW LEVEL SECURITY;

-- policy_notices
-- One's own, whatever else one may see.
CREATE POLICY viewer ON notices TO wangge_app
USING (
    staff_id = (SELECT (viewer() ->> 'staff_id')::bigint) OR (SELECT viewer_is_the_system())
);

-- policy_notices_dropped
CREATE POLICY dropped ON notices AS RESTRICTIVE FOR DELETE TO wangge_app
USING ((SELECT viewer_is_the_system()));

-- security_notice_preferences
ALTER TABLE notice_preferences ENABLE ROW LEVEL SECURITY;

-- policy_notice_preferences
CREATE POLICY viewer ON notice_preferences TO wangge_app
USING (
    staff_id = (SELECT (viewer() ->> 'staff_id')::bigint) OR (SELECT viewer_is_the_system())
);

-- security_outbox
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;

-- policy_outbox
-- Whoever does something may have others told of it; what is in it is for whoever sees everything.
CREATE POLICY viewer ON outbox TO wangge_app
USING ((SELECT viewer_sees_everything()))
WITH CHECK (true);

-- function_tell_notices
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
$$;

-- grants_tell_notices
REVOKE EXECUTE ON FUNCTION tell_notices(jsonb) FROM PUBLIC;

-- grants_tell_notices_application
GRANT EXECUTE ON FUNCTION tell_notices(jsonb) TO wangge_app;
