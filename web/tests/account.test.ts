import { expect, test } from "vitest";
import { clientWords } from "@/account/client";
import { faultOf } from "@/account/passwords";
import { addressOfSvg, groupsOf } from "@/account/totp";
import { secondsUntil } from "@/shell/countdown";

test.each([
  ["old one!", "short", "chief", "short"],
  ["old one!", "Chief.Wang", "chief.wang", "name"],
  ["the same one", "the same one", "chief", "same"],
  ["old one!", "a better one", "chief", null],
])("from %s to %s is wrong in what can be told here: %s -> %s", (old, chosen, username, fault) => {
  expect(faultOf(old, chosen, username)).toBe(fault);
});

test("a picture as an address keeps every character of it", () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0" fill="#000"/></svg>';
  const address = addressOfSvg(svg);
  expect(address).toMatch(/^data:image\/svg\+xml/);
  expect(address).not.toContain("#");
  expect(decodeURIComponent(address.slice(address.indexOf(",") + 1))).toBe(svg);
});

test("a secret to type comes in groups of four", () => {
  expect(groupsOf("ABCDEFGHIJ")).toBe("ABCD EFGH IJ");
  expect(groupsOf("ABCD")).toBe("ABCD");
});

test("a wait ends at zero and counts whole seconds until then", () => {
  expect(secondsUntil(10_000, 7_999)).toBe(3);
  expect(secondsUntil(10_000, 9_999)).toBe(1);
  expect(secondsUntil(10_000, 10_000)).toBe(0);
  expect(secondsUntil(10_000, 99_000)).toBe(0);
});

test.each([
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0", "Edge 139 · Windows"],
  ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari 18 · iOS"],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0", "Firefox 141 · Linux"],
  ["patrol bridge", "patrol bridge"],
  [null, ""],
])("a browser in a word or two: %s", (client, words) => {
  expect(clientWords(client)).toBe(words);
});
