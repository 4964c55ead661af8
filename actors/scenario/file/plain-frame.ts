import type { FrameGroup } from '../expectations/port-groups.ts';

/** An expected frame as a file has it: fields, and `count`. */
export type PlainFrame = Readonly<Record<string, string | number>>;

/** An entry that expects the frames of a group. */
export function plainFrame({ fields, count }: FrameGroup): PlainFrame {
  return { ...Object.fromEntries(fields.map(([field, value]) => [field, plainValue(value)])), count };
}

/** Small numbers as numbers. */
export function plainValue(value: string): string | number {
  return /^(0|[1-9]\d*)$/.test(value) && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
