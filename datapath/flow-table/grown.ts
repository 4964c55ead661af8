/** The array itself when it has this length; or a copy of at least this length, the rest zero. */
export function grownInt32(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  if (array.length >= length) return array;
  const grown = new Int32Array(length);
  grown.set(array);
  return grown;
}

/** As {@link grownInt32}, of doubles. */
export function grownFloat64(array: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  if (array.length >= length) return array;
  const grown = new Float64Array(length);
  grown.set(array);
  return grown;
}

/** The length to grow to when this much is needed: a fifth of it will be empty at most, and growing is rare. */
export function roomFor(needed: number): number {
  return Math.max(16, Math.ceil(needed * 1.25));
}
