/**
 * The candidate that somebody who wrote `word` most likely meant; undefined when none is near.
 *
 * Near is: the same but for case and separators, or at most a third of the letters inserted, left out, changed or swapped
 * with their neighbour (optimal string alignment distance). Of equally near ones the first.
 */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const plain = plainly(word);
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (candidate === word) continue;
    const other = plainly(candidate);
    if (other === plain && other !== '') return candidate;
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const found = distance(word, candidate, bestDistance);
    if (found < bestDistance && found < Math.max(word.length, candidate.length)) {
      best = candidate;
      bestDistance = found;
    }
  }
  return best;
}

function plainly(word: string): string {
  return word.toLowerCase().replaceAll(/[-_. ]/g, '');
}

/** The distance of two words, or `limit` where it is that much or more. */
function distance(a: string, b: string, limit: number): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const change = at(above, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(before, j - 2) + 1 : change;
      const here = Math.min(change, swap, at(above, j) + 1, at(row, j - 1) + 1);
      row.push(here);
      least = Math.min(least, here);
    }
    if (least > limit) return limit;
    before = above;
    above = row;
  }
  return at(above, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? 0;
}
