import { describe, expect, test } from "vitest";
import { Problem, type ReplayColumns } from "@/api";
import { readReplay } from "@/api/replay";

async function* arriving(...lines: string[]): AsyncGenerator<string> {
  yield* lines;
}

const HEAD = '{"from":"2026-11-20T00:00:00Z","to":"2026-11-21T00:00:00Z","t0":1,"asked":3,"units":[';
const unit = (code: string): string =>
  JSON.stringify({ unit: code, name: code, role: "x", kind: "person", t: [0, 10], lon: [1, 2], lat: [3, 4], stops: [] });

async function told(...lines: string[]): Promise<string[]> {
  const units: string[] = [];
  await readReplay(arriving(...lines), (one: ReplayColumns, { t0, asked }) => units.push(`${one.unit} of ${asked} from ${t0}`));
  return units;
}

describe("a replay that arrives line by line", () => {
  test("tells of each unit", async () => {
    expect(await told(HEAD, `${unit("A")},`, unit("B"), "]}")).toEqual(["A of 3 from 1", "B of 3 from 1"]);
  });

  test("may be of nobody", async () => {
    expect(await told(HEAD, "]}")).toEqual([]);
  });

  test("is not whole without its end", async () => {
    await expect(told(HEAD, unit("A"))).rejects.toBeInstanceOf(Problem);
    await expect(told()).rejects.toBeInstanceOf(Problem);
  });
});
