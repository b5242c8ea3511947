export interface Piece {
  text: string;
  found: boolean;
}

/** A text cut where found words begin and end; the server counts characters, not UTF-16 units. */
export function pieces(text: string, found: readonly (readonly [number, number])[]): Piece[] {
  const characters = [...text];
  const cut: Piece[] = [];
  let at = 0;
  const add = (end: number, isFound: boolean) => {
    if (end > at) cut.push({ text: characters.slice(at, end).join(""), found: isFound });
    at = Math.max(at, end);
  };
  for (const [start, end] of found) {
    add(start, false);
    add(end, true);
  }
  add(characters.length, false);
  return cut;
}
