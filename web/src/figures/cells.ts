/** Cells of H3. Pure. */

/** The resolution of a cell by its name: 8 is 900 m across, 9 is 350 m. */
export function levelOfCell(name: string): number {
  return Number((BigInt(`0x${name}`) >> 52n) & 0xfn);
}
