/**
 * A stream of chance for each who asks: the same for the same seed and name, whoever else asks and in whatever order.
 *
 * @returns numbers in [0, 1), of 32 bits
 */
export function chanceFor(seed: number, asker: string): () => number {
  let state = seed ^ 0x9e3779b9;
  for (let at = 0; at < asker.length; at++)
    state = Math.imul(state ^ asker.charCodeAt(at), 0x85ebca6b) ^ (state >>> 13);
  return () => {
    // mulberry32: 32 bits of state, full period
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
