/** Something in a row that would like its middle to be at `wish`; the heavier, the more it counts. */
export interface Wish {
  readonly width: number;
  readonly wish: number;
  readonly weight: number;
}

interface Block {
  sum: number;
  weight: number;
  count: number;
}

/**
 * Places things in a row, in order and at least `gap` apart, as near to where they wish as can be: the sum of squared distances,
 * weighted, is the least there is.
 *
 * @returns the middle of each
 * @see Best and Chakravarti, 1990: Active set algorithms for isotonic regression (pool adjacent violators). Places less the room
 *   taken by all before them must not fall, so it is an isotonic regression
 */
export function placeRow(row: readonly Wish[], gap: number): readonly number[] {
  const offsets: number[] = [];
  let taken = 0;
  for (const { width } of row) {
    offsets.push(taken + width / 2);
    taken += width + gap;
  }
  const blocks: Block[] = [];
  for (const [at, { wish, weight }] of row.entries()) {
    let block: Block = { sum: (wish - (offsets[at] ?? 0)) * weight, weight, count: 1 };
    for (let before = blocks.at(-1); before !== undefined && meanOf(before) > meanOf(block); before = blocks.at(-1)) {
      blocks.pop();
      block = {
        sum: before.sum + block.sum,
        weight: before.weight + block.weight,
        count: before.count + block.count,
      };
    }
    blocks.push(block);
  }
  const places = blocks.flatMap((block) => Array.from({ length: block.count }, () => meanOf(block)));
  return places.map((place, at) => place + (offsets[at] ?? 0));
}

function meanOf({ sum, weight }: Block): number {
  return sum / weight;
}
