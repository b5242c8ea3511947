/**
 * A line laid into a plane: each point keeps its x, and gets a height in -1…1 that is wide where many points lie.
 * Without it a million points on a line would be a bar.
 */
export function spread(line: Float32Array): Float32Array<ArrayBuffer> {
  const bins = 128;
  const crowd = new Float64Array(bins + 2);
  const bin = (x: number) => Math.min(bins - 1, Math.max(0, Math.floor(((x + 1) / 2) * bins)));
  for (const x of line) crowd[bin(x) + 1]! += 1;
  const smooth = crowd.map((here, i) => ((crowd[i - 1] ?? here) + 2 * here + (crowd[i + 1] ?? here)) / 4);
  const most = Math.max(...smooth, 1);
  const plane = new Float32Array(line.length * 2);
  for (let i = 0; i < line.length; i += 1) {
    const x = line[i]!;
    // Heights by the golden ratio: even, and the same each time.
    const height = ((i * 0.6180339887498949) % 1) * 2 - 1;
    plane[2 * i] = x;
    plane[2 * i + 1] = height * (0.08 + (0.92 * smooth[bin(x) + 1]!) / most);
  }
  return plane;
}
