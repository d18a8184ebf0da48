/** Round numbers from 0 to at least `most`, about `count` steps of them, all whole. */
export function roundTicks(most: number, count = 4): number[] {
  const rough = Math.max(1, most / count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough) ?? 10;
  const step = Math.max(1, factor * power);
  const steps = Math.max(1, Math.ceil(most / step));
  return Array.from({ length: steps + 1 }, (_, index) => index * step);
}

/** `count` of the items, evenly spread, with the first and the last. */
export function spread<T>(items: T[], count: number): T[] {
  if (items.length <= count) return items;
  const indices = Array.from({ length: count }, (_, index) =>
    Math.round((index * (items.length - 1)) / (count - 1)),
  );
  return items.filter((_, index) => indices.includes(index));
}
