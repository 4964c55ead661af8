import { clip, printable, widthOf } from '../render/text-width.ts';

/** A way of writing: the drawing's style sheet has a class of the same name. */
export type TextStyle = 'headline' | 'remark' | 'name' | 'kind' | 'line' | 'note' | 'chip';

/** Size in pixels, and whether all letters are equally wide. */
export const FONTS: Readonly<Record<TextStyle, { readonly size: number; readonly isMono: boolean }>> = {
  headline: { size: 20, isMono: false },
  remark: { size: 12, isMono: false },
  name: { size: 15, isMono: false },
  kind: { size: 11, isMono: false },
  line: { size: 12, isMono: true },
  note: { size: 12, isMono: true },
  chip: { size: 11, isMono: true },
};

/** What a letter of a monospaced font takes, in ems: 0.60 in all that are common, and a little to spare. */
const MONO = 0.62;

/**
 * How wide a text is at most, in pixels, whichever common font stands for the generic family: the widest (DejaVu Sans Bold, of
 * the proportional ones) decides. Characters that terminals give two columns count double.
 */
export function textWidth(text: string, style: TextStyle): number {
  const { size, isMono } = FONTS[style];
  if (isMono) return widthOf(text) * MONO * size;
  let ems = 0;
  for (const letter of text) ems += /[ -~]/.test(letter) ? emsOf(letter) : widthOf(letter) * 0.9;
  return ems * size;
}

function emsOf(letter: string): number {
  if (/[mwMWQO@%]/.test(letter)) return 1.12;
  if (/[A-Z]/.test(letter)) return 0.86;
  if (/[ijl.,:;|!' ]/.test(letter)) return 0.42;
  return 0.72;
}

/** The text, cut to so many columns. */
export function cut(text: string, columns: number): string {
  return clip(printable(text), columns, '…');
}
