import { expect, test } from "vitest";
import { createCaller, usualSource } from "@/cases/caller";

test("the desk sits beside the telephone, everybody else stands before it", () => {
  expect(["admin", "dispatcher", "grid_chief", "grid_worker", undefined].map(usualSource)).toEqual([
    "hotline",
    "hotline",
    "patrol",
    "patrol",
    "patrol",
  ]);
});

test("nobody has told what somebody found, and only the hotline has tickets", () => {
  const caller = createCaller("dispatcher");
  expect(caller.order()).toEqual({ source: "hotline" });
  caller.name.value = " 王女士 ";
  caller.phone.value = "138 1234 5678";
  caller.ticket.value = "20261127-08123";
  expect(caller.order()).toEqual({
    source: "hotline",
    reporter: "王女士",
    phone: "138 1234 5678",
    external_number: "20261127-08123",
  });
  caller.source.value = "citizen";
  expect(caller.order()).toEqual({ source: "citizen", reporter: "王女士", phone: "138 1234 5678" });
  caller.source.value = "patrol";
  expect(caller.order()).toEqual({ source: "patrol" });
});
