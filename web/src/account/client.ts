/** A browser's own description in a word or two: "Chrome 139 · Windows". Pure. */

// The first that fits decides: every browser also claims to be some of the others.
const BROWSERS: readonly [name: string, pattern: RegExp][] = [
  ["Edge", /Edg(?:A|iOS)?\/(\d+)/],
  ["Opera", /OPR\/(\d+)/],
  ["QQ", /QQBrowser\/(\d+)/],
  ["WeChat", /MicroMessenger\/(\d+)/],
  ["Firefox", /(?:Firefox|FxiOS)\/(\d+)/],
  ["Chrome", /(?:Chrome|CriOS)\/(\d+)/],
  ["Safari", /Version\/(\d+).*Safari/],
];
const SYSTEMS: readonly [name: string, pattern: RegExp][] = [
  ["HarmonyOS", /HarmonyOS|OpenHarmony/],
  ["Android", /Android/],
  ["iOS", /iPhone|iPad/],
  ["Windows", /Windows/],
  ["macOS", /Mac OS X/],
  ["Linux", /Linux/],
];

/** What no browser says of itself stays as it is, cut to a length that fits a line. */
export function clientWords(client: string | null): string {
  if (!client) return "";
  const browser = BROWSERS.flatMap(([name, pattern]) => {
    const version = pattern.exec(client)?.[1];
    return version ? [`${name} ${version}`] : [];
  })[0];
  const system = SYSTEMS.find(([, pattern]) => pattern.test(client))?.[0];
  return [browser, system].filter(Boolean).join(" · ") || client.slice(0, 60);
}
