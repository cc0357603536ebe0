import { expect, test } from "vitest";
import type { Notice, NoticeKindChoice } from "@/api";
import { goesThrough, orderOf, withChannel } from "@/notices/choices";
import { casesToActOn } from "@/notices/leading";
import { merged, readUpTo } from "@/notices/merge";

const notice = (id: number, read_at: string | null = null): Notice => ({
  id,
  kind: "case_dispatched",
  urgent: false,
  title: { zh: "新案件", en: "New case" },
  text: { zh: "", en: "" },
  detail: null,
  case: 1,
  alert: null,
  created_at: "2026-11-27T02:00:00Z",
  read_at,
});

test("a notice that comes twice is one, as it was last, and the newest stands first", () => {
  const read = notice(2, "2026-11-27T03:00:00Z");
  expect(merged([notice(2), notice(1)], [notice(3), read])).toEqual([notice(3), read, notice(1)]);
});

test("what came after the one up to which one has read stays unread", () => {
  const all = readUpTo([notice(3), notice(2), notice(1, "before")], 2, "now");
  expect(all.map(({ read_at }) => read_at)).toEqual([null, "now", "before"]);
});

const kind = (usual: number[]): NoticeKindChoice => ({
  kind: "case_dispatched",
  title: { zh: "", en: "" },
  urgent: false,
  channels: usual,
  usual,
});

test("a kind goes where the administrator lets it go until somebody chooses", () => {
  expect(goesThrough({}, kind([1, 2]))).toEqual([1, 2]);
  const without = withChannel({}, kind([1, 2]), 2, false);
  expect(goesThrough(without, kind([1, 2]))).toEqual([1]);
  expect(orderOf(without, null)).toEqual({ channels: { case_dispatched: [1] }, quiet: null });
});

test("what is chosen back to the usual is no choice any more", () => {
  const without = withChannel({ case_closed: [] }, kind([1, 2]), 1, false);
  expect(withChannel(without, kind([1, 2]), 1, true)).toEqual({ case_closed: [] });
});

test("no channel at all is a choice too", () => {
  expect(withChannel({}, kind([1]), 1, false)).toEqual({ case_dispatched: [] });
});

test("a notice about several cases leads to those that one has to do something about", () => {
  expect(casesToActOn({ detail: null })).toEqual({ caseFilter: "open", caseOnly: ["mine"] });
  expect(casesToActOn({ detail: "desk" })).toEqual({ caseFilter: "new", caseOnly: [] });
});
