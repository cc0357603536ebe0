/** What a page shows of a second factor. Pure. */

/** The address of a picture that came as SVG text: as an image it can run nothing. */
export function addressOfSvg(svg: string): string {
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
}

/** In groups of four, as people copy it by hand. */
export function groupsOf(secret: string): string {
  return secret.replaceAll(/(.{4})(?=.)/g, "$1 ");
}
