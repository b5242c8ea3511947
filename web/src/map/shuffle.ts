/** A fixed random order of 0…n-1 (Fisher and Yates): every beginning of it is a fair sample. */
export function shuffled(n: number): Uint32Array<ArrayBuffer> {
  const order = new Uint32Array(n);
  let state = 0x9e3779b9;
  for (let i = 0; i < n; i += 1) {
    // xorshift32: the same order on every machine, so that the same link draws the same picture.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const j = Math.floor(((state >>> 0) / 0x100000000) * (i + 1));
    order[i] = order[j] ?? 0;
    order[j] = i;
  }
  return order;
}
