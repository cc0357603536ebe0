/**
 * The values of the HTTP interface, under the names the pages use. What they hold is in `schema.ts`,
 * which is generated from the server's OpenAPI document (`make schema`).
 */
import type { components } from "./schema";

type Schemas = components["schemas"];

/** lon, lat: WGS-84 degrees */
export type LonLat = [lon: number, lat: number];

export interface Period {
  from: Date;
  to: Date;
}

export interface NamedFile {
  content: Blob;
  name: string;
}

export type Account = Schemas["AccountAnswer"];
export type Permission = Schemas["Permission"];
/** Whether an account has it. */
export type May = (permission: Permission) => boolean;
export type OpenSession = Schemas["OpenSessionAnswer"];
export type TotpOffer = Schemas["TotpOfferAnswer"];
export type Providers = Schemas["Providers"];

export type AccountRole = Schemas["Role"];
export type ListedAccount = Schemas["AccountItem"];
export type NewAccount = Schemas["NewAccount"];
export type AccountChange = Schemas["AccountChange"];
export type RoleTable = Schemas["RoleAnswer"];
export type RoleGrant = Schemas["RolePermission"];

export type StaffRole = Schemas["StaffRole"];
export type StaffNumbers = Schemas["StaffNumbers"];
export type StaffFile = Schemas["StaffItem"];
export type NewStaff = Schemas["NewStaff"];
export type Post = Schemas["PostItem"];
export type NewPost = Schemas["NewPost"];
export type Leave = Schemas["LeaveItem"];
export type NewLeave = Schemas["NewLeave"];
export type NewUnit = Schemas["NewUnit"];
export type Device = Schemas["DeviceItem"];
export type Crs = Schemas["Crs"];

export type AuditRecord = Schemas["AuditItem"];
export type AuditPage = Schemas["AuditPage"];
export type ChainCheck = Schemas["AuditVerification"];

export type GridFeature = Schemas["GridFeature"];
export type Basemap = Schemas["BasemapDescription"];
export type GridCollection = Schemas["GridCollection"];
export type GridProperties = Schemas["GridProperties"];
export type GridOwners = Schemas["GridOwners"];
export type GridOwnership = Schemas["GridOwnership"];
export type StaffMember = Schemas["StaffMember"];
export type Located = Schemas["LocatedPoint"];

export type Unit = Schemas["UnitAnswer"];
export type PositionCollection = Schemas["PositionCollection"];
export type PositionProperties = Schemas["PositionProperties"];
export type UnitState = PositionProperties["state"];
export type Thresholds = Schemas["PresenceThresholds"];

export interface Position extends PositionProperties {
  lon: number;
  lat: number;
}

export type Alert = Schemas["AlertAnswer"];
export type AlertKind = Schemas["Kind"];

export type Notice = Schemas["NoticeAnswer"];
export type NoticeKind = Schemas["NoticeKind"];
export type NoticePage = Schemas["NoticePage"];
export type NoticePreferences = Schemas["PreferencesAnswer"];
export type NewNoticePreferences = Schemas["NewPreferences"];
export type NoticeKindChoice = Schemas["KindChoice"];
export type QuietHours = Schemas["QuietHours"];

export type Channel = Schemas["ChannelAnswer"];
export type ChannelKind = Channel["kind"];
export type ChannelSettings = Schemas["ChannelSettings"];
export type NewChannel = Schemas["NewChannel"];
export type ChannelChanges = Schemas["ChannelChanges"];
export type ChannelTest = Schemas["TestAnswer"];
export type OutboxMessage = Schemas["MessageAnswer"];
export type OutboxPage = Schemas["MessagePage"];
export type OutboxState = OutboxMessage["state"];

export type CalendarYear = Schemas["YearAnswer"];
export type CalendarDay = Schemas["DayItem"];
export type ClockHours = Schemas["WindowBody"];
export type DueTry = Schemas["DueAnswer"];
export type DaysDone = Schemas["api__routes__calendar__DaysAnswer"];

export type Topic = Schemas["TopicName"];

/** What the stream carries; OpenAPI has no words for events. */
export interface CasesEvent {
  items: Case[];
}

export interface NoticesEvent {
  items: Notice[];
  unread: number;
}

export interface AlertsEvent {
  server_time: string;
  items: Alert[];
}

export interface PositionsEvent {
  server_time: string;
  items: Position[];
}

export type TrackFormat = Schemas["ExportFormat"];
export type Track = Schemas["TrackCollection"];
export type TrackFeature = Schemas["TrackFeature"];
export type Replay = Schemas["Replay"];
/** Columns of one unit: the first entry of each is absolute, the rest are differences. */
export type ReplayColumns = Schemas["ReplayUnit"];

export type Nearby = Schemas["NearbyAnswer"];
export type NearbyUnit = Schemas["NearbyUnitAnswer"];
export type Passage = Schemas["PassageAnswer"];
export type VisitToGrid = Schemas["VisitToGrid"];

/** `rate` is null where nothing is required. */
export type Ratio = Schemas["RatioAnswer"];
export type Plan = Schemas["PlanAnswer"];
export type NewPlan = Schemas["NewPlanBody"];
export type NewCheckpoint = Schemas["NewCheckpointBody"];
export type Rhythm = Schemas["RhythmBody"];
export type PlanRounds = Schemas["RoundsAnswer"];
export type Round = Schemas["RoundAnswer"];
export type CheckpointResult = Schemas["CheckpointResult"];
export type RoundState = Schemas["RoundState"];
export type RecordFormat = Schemas["RecordFormat"];
export type Checkpoint = Schemas["CheckpointFeature"];
export type GridsCoverage = Schemas["GridsCoverage"];
export type GridCoverage = Schemas["GridCoverageAnswer"];
export type DutyRoster = Schemas["RosterAnswer"];
export type Shifts = Schemas["ShiftsAnswer"];
export type Shift = Schemas["ShiftAnswer"];
export type PlaceInShift = Schemas["PlaceAnswer"];
export type DutyNow = Schemas["DutyAnswer"];
export type TeamOnDuty = Schemas["TeamOnDuty"];
export type PersonOnDuty = Schemas["PersonOnDuty"];

export type Inspection = Schemas["InspectionAnswer"];
export type InspectionItem = Schemas["InspectionItem"];
export type InspectionPage = Schemas["InspectionList"];

export type Case = Schemas["CaseAnswer"];
export type CaseState = Case["state"];
export type CaseDetail = Schemas["CaseFileAnswer"];
export type CaseEvent = Schemas["CaseEvent"];
export type CaseAction = Case["actions"][number];
export type CaseOrder = Schemas["NewAction"];
export type CasePage = Schemas["CasePageAnswer"];
export type Category = Schemas["CategoryAnswer"];
export type NewCategory = Schemas["NewCategory"];
export type CategoryChange = Schemas["ChangedCategory"];
export type CategoriesDone = Schemas["CategoryImportAnswer"];
export type CategoryRowProblem = Schemas["CategoryRowProblem"];
export type Department = Schemas["DepartmentItem"];
export type NewDepartment = Schemas["NewDepartment"];
export type DepartmentChange = Schemas["ChangedDepartment"];
export type Duplicate = Schemas["Duplicate"];
export type NewCase = Schemas["NewCase"];
export type CaseImport = Schemas["CaseImportAnswer"];
export type CasePair = Schemas["Pair"];
export type CasePairPage = Schemas["PairList"];
export type CaseOfTicket = Schemas["CaseOfTicket"];
export type RefusedTicket = Schemas["RefusedTicket"];
export type Photo = Schemas["PhotoAnswer"];

export type Figures = Schemas["FiguresAnswer"];
export type Figure = Schemas["FigureAnswer"];
export type FigureStanding = Figure["standing"];
export type EarlierFigure = Schemas["EarlierAnswer"];
export type JudgedFigure = Schemas["JudgedAnswer"];
export type FigureThreshold = Schemas["ThresholdAnswer"];
export type RankingWeight = Schemas["WeightAnswer"];
export type Ranking = Schemas["RankingAnswer"];
export type Ranked = Schemas["RankedAnswer"];
export type Report = Schemas["ReportAnswer"];
export type ReportKind = Report["kind"];
export type WholeReport = Schemas["WholeReportAnswer"];
export type HotSpot = WholeReport["content"]["hot_spots"][number];
export type NewReport = Schemas["ReportBody"];
export type RankedBy = Ranking["of"];

export type CatalogLayer = Schemas["LayerDescription"];
/** Of any layer, from the interface for GIS programs. */
export interface LayerFeature {
  id: string | number;
  geometry: object | null;
  properties: Record<string, unknown>;
}
export type FacilityKindCount = Schemas["FacilityKind"];
export type Sensor = Schemas["SensorFeature"];
export type SensorState = Schemas["SensorState"];
export type Exceedance = Schemas["ExceedanceItem"];
export type SuspectedChange = Schemas["ChangeFeature"];
export type Verdict = Schemas["Verdict"];
export type Camera = Schemas["CameraFeature"];
export type CameraStream = Schemas["StreamAnswer"];
export type VideoRound = Schemas["VideoRoundAnswer"];
export type Showing = Schemas["ShowingAnswer"];

export type Edition = Schemas["EditionNow"];
export type EditionGrid = Schemas["EditionGrid"];
export type EditionGridProperties = Schemas["EditionGridProperties"];
export type EditionOrder =
  | Schemas["MoveBorderBody"]
  | Schemas["SplitBody"]
  | Schemas["MergeBody"]
  | Schemas["RenameBody"]
  | Schemas["ChangeParentBody"]
  | Schemas["SnapBody"];
export type ChangedEdition = Schemas["ChangedAnswer"];
export type EditionChange = Schemas["ChangeAnswer"];
export type EditionFinding = Schemas["Finding"];
export type EditionComparison = Schemas["ComparisonAnswer"];
export type MovedGround = Schemas["MovedGround"];
export type GridRelation = Schemas["Relation"];
export type Activated = Schemas["ActivationAnswer"];
export type GridsPreview = Schemas["PreviewAnswer"];
export type DraftFromFiles = Schemas["DraftAnswer"];
