import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { effectScope, type EffectScope } from "vue";
import { accept, LARGEST_MB, MOST_PHOTOS } from "@/photos/accept";
import { createPile, type Pile } from "@/photos/pile";
import { type Photo, Problem, sendPhoto } from "@/api";

vi.mock("@/api", async (original) => ({ ...(await original<object>()), sendPhoto: vi.fn<typeof sendPhoto>() }));

const photo = (name = "a.jpg", type = "image/jpeg", size = 1000): Pick<File, "name" | "type" | "size"> => ({ name, type, size });

test("photos are taken, also those of iPhones whose kind the system does not know", () => {
  const files = [photo(), photo("b.HEIC", "")];
  expect(accept(files, 0)).toEqual({ taken: files, fault: null });
});

test("what is no photo or too large is left out and the rest is taken", () => {
  const good = photo();
  expect(accept([photo("a.pdf", "application/pdf"), good], 0)).toEqual({ taken: [good], fault: "kind" });
  expect(accept([photo("a.jpg", "image/jpeg", LARGEST_MB * 2 ** 20 + 1)], 0)).toEqual({ taken: [], fault: "size" });
});

test("only as many go with it as the server takes", () => {
  const { taken, fault } = accept([photo(), photo()], MOST_PHOTOS - 1);
  expect([taken.length, fault]).toEqual([1, "many"]);
});

const sent = vi.mocked(sendPhoto);
let scope: EffectScope;
let pile: Pile;

beforeEach(() => {
  sent.mockReset();
  scope = effectScope();
  pile = scope.run(createPile) as Pile;
});
afterEach(() => scope.stop());

const file = (name: string): File => new File(["x"], name, { type: "image/jpeg" });
const arrived = (id: string): Photo => ({ id }) as Photo;

test("each photo is sent when it is added, and they stay in their order", async () => {
  let arrive: (photo: Photo) => void = () => undefined;
  const slow = new Promise<Photo>((resolve) => (arrive = resolve));
  sent.mockImplementation((one) => (one.name === "1.jpg" ? slow : Promise.resolve(arrived(one.name))));
  pile.add([file("1.jpg"), file("2.jpg"), file("3.jpg")]);
  await vi.waitFor(() => expect(pile.ids.value).toEqual(["2.jpg", "3.jpg"]));
  expect(pile.sending.value).toBe(true);
  arrive(arrived("1.jpg"));
  await vi.waitFor(() => expect(pile.sending.value).toBe(false));
  expect(pile.ids.value).toEqual(["1.jpg", "2.jpg", "3.jpg"]);
});

test("one that did not arrive is sent again under the same key", async () => {
  sent.mockRejectedValueOnce(new Problem(0, "no_answer", ""));
  pile.add([file("1.jpg")]);
  await vi.waitFor(() => expect(pile.failed.value).toBe(true));
  sent.mockResolvedValueOnce(arrived("p"));
  pile.again(pile.photos.value[0]?.key ?? "");
  await vi.waitFor(() => expect(pile.ids.value).toEqual(["p"]));
  expect(sent.mock.calls[0]?.[1]).toBe(sent.mock.calls[1]?.[1]);
  expect(pile.failed.value).toBe(false);
});

test("one that is removed on its way is stopped and never named", async () => {
  let stopped: AbortSignal | undefined;
  sent.mockImplementation((_file, _key, _told, signal) => {
    stopped = signal;
    return new Promise(() => undefined);
  });
  pile.add([file("1.jpg")]);
  pile.remove(pile.photos.value[0]?.key ?? "");
  expect(stopped?.aborted).toBe(true);
  expect([pile.ids.value, pile.sending.value]).toEqual([[], false]);
});
