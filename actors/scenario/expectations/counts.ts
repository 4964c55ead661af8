import type { CountRange, FieldMatch } from '../scenario.ts';

export function isWithin(count: number, { least, most }: CountRange): boolean {
  return count >= least && count <= most;
}

/** `3`, `2 or more`, `2 to 5`, `no`. */
export function formatCount({ least, most }: CountRange): string {
  if (most === 0) return 'no';
  if (least === most) return `${least}`;
  return most === Infinity ? `${least} or more` : `${least} to ${most}`;
}

export function plural(word: string, count: number): string {
  return count === 1 ? word : `${word}s`;
}

/** `ip.dst 8.8.8.8, udp.dstport 53`. */
export function formatMatch(match: FieldMatch): string {
  return [...match].map(([field, value]) => `${field} ${value}`).join(', ');
}
