import { describe, expect, test } from "vitest";
import { around, faultOf, isSame, isSamePlace, lately, readCriteria, writeCriteria } from "@/nearby/criteria";
import { durationOf_s, type Stay, timesOf } from "@/nearby/passages";

const at = (text: string): number => new Date(text).getTime();
const HERE = { lon: 118.6721, lat: 34.5302, radius_m: 100, from: "2026-11-27T09:00", to: "2026-11-27T11:00" };

describe("the period asked about", () => {
  test("is the last two hours, the minute under way included", () => {
    expect(lately(at("2026-11-27T11:00:20"))).toEqual({ from: "2026-11-27T09:00", to: "2026-11-27T11:01" });
    expect(lately(at("2026-11-27T11:00:00")).to).toBe("2026-11-27T11:00");
  });

  test("is, of a case, the hour before and after it was reported", () => {
    expect(around(at("2026-11-26T23:30:40"), at("2026-11-27T12:00"))).toEqual({ from: "2026-11-26T22:30", to: "2026-11-27T00:31" });
  });

  test("ends now at the latest", () => {
    expect(around(at("2026-11-27T11:00"), at("2026-11-27T11:10:30")).to).toBe("2026-11-27T11:11");
    // A clock that is behind the server's leaves the hour before.
    expect(around(at("2026-11-27T11:00"), at("2026-11-27T10:59")).to).toBe("2026-11-27T11:00");
  });

  test.each([
    ["2026-11-27T09:00", "2026-11-27T11:00", null],
    ["2026-11-27T11:00", "2026-11-27T11:00", "empty"],
    ["2026-11-27T11:00", "2026-11-27T09:00", "empty"],
    ["2026-11-20T09:00", "2026-11-27T09:00", null],
    ["2026-11-20T09:00", "2026-11-27T09:01", "long"],
  ])("from %s to %s: %s", (from, to, fault) => {
    expect(faultOf({ from, to })).toBe(fault);
  });
});

test("a reason holds for another hour at the same place, and for no other place", () => {
  const later = { ...HERE, to: "2026-11-27T12:00" };
  expect([isSamePlace(HERE, later), isSame(HERE, later)]).toEqual([true, false]);
  expect(isSame(HERE, { ...HERE })).toBe(true);
  expect(isSamePlace(HERE, { ...HERE, lon: 118.6722 })).toBe(false);
  expect([isSamePlace(null, null), isSame(HERE, null)]).toEqual([false, false]);
});

test("what is asked comes back from its link; an unknown radius is the usual one", () => {
  const { near, between } = writeCriteria(HERE);
  expect(readCriteria(near, between)).toEqual(HERE);
  expect(readCriteria("118.67210,34.53020,123", between)?.radius_m).toBe(100);
  expect(readCriteria("118.67210,134.53020,100", between)).toBeNull();
  expect(readCriteria(near, null)).toBeNull();
});

describe("a passage in words", () => {
  const stay = (from: string, to: string): Stay => ({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
  const now = at("2026-11-27T12:00");

  test("runs from one minute to another", () => {
    const one = stay("2026-11-27T10:03:10", "2026-11-27T10:07:55");
    expect(timesOf(one, now, "zh")).toBe("10:03 – 10:07");
    expect(durationOf_s(one)).toBe(285);
  });

  test("within a minute has one time", () => {
    expect(timesOf(stay("2026-11-27T10:03:10", "2026-11-27T10:03:30"), now, "zh")).toBe("10:03");
  });

  test("until midnight ends on its own day", () => {
    expect(timesOf(stay("2026-11-27T00:00", "2026-11-28T00:00"), now, "zh")).toBe("00:00 – 24:00");
    expect(timesOf(stay("2026-11-27T00:00", "2026-11-27T00:00"), now, "zh")).toBe("00:00");
  });

  test("of another day says which, once", () => {
    expect(timesOf(stay("2026-11-26T10:03:10", "2026-11-26T10:07:30"), now, "zh")).toBe("11月26日 10:03 – 10:07");
    expect(timesOf(stay("2026-11-26T23:59:10", "2026-11-27T00:07:30"), now, "en")).toBe("26 Nov 23:59 – 00:07");
  });
});
