const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
/** Letters of Europe, and the signs that we draw with: a column each, and nothing joins them. */
const NARROW = /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u22ff\u2500-\u259f\u25f7\u2713\u2717]*$/;
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g; // oxlint-disable-line eslint/no-control-regex -- control characters are what is looked for
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|^\p{Emoji_Presentation}/u;
const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Text from files, with what could move a cursor or turn the direction of writing shown as `\x1b`. */
export function printable(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text;
  return text.replaceAll(CONTROL, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** Columns that printable text takes on a terminal: two for East Asian wide characters and emoji. */
export function widthOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  let width = 0;
  for (const { segment } of GRAPHEMES.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** The text in at most so many columns; what is cut off is told by the ellipsis. */
export function clip(text: string, width: number, ellipsis: string): string {
  if (widthOf(text) <= width) return text;
  const room = width - widthOf(ellipsis);
  if (room <= 0) return ellipsis.slice(0, Math.max(0, width));
  let kept = '';
  let taken = 0;
  for (const { segment } of GRAPHEMES.segment(text)) {
    taken += WIDE.test(segment) ? 2 : 1;
    if (taken > room) break;
    kept += segment;
  }
  return kept + ellipsis;
}
