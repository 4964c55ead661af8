import { type Document, isMap, isScalar, parseDocument, type ScalarTag, stringify, type Tags, visit } from 'yaml';
import type { Baseline } from '../expectations/renewal.ts';
import type { Observed } from '../expectations/observation.ts';
import { renewExpectations } from './renew-expectations.ts';
import { type PlainFrame, plainFrame } from './plain-frame.ts';

/**
 * Writes what a run came to into a scenario file, as what is expected of it from now on. Entries that are there keep their place, and
 * take new values where the run did not meet them; what came besides is added. Without a section `expect`, one comes at the end. All
 * outside of it stays as it is to the byte; within, comments stay, and spacing becomes regular. Written twice, nothing changes.
 *
 * @param text a scenario file that loads
 * @returns the new text; the old one when it says the same
 */
export function updateExpectations(text: string, { renewals, added }: Baseline): string {
  const document = parseDocument(text);
  const { contents } = document;
  if (!isMap(contents)) throw new TypeError('a scenario file is a map');
  if (!hasExpectations(document)) return contents.flow === true ? withAll(document, added) : withSection(text, added);
  if (renewals.length + added.frames.length + added.drops.length === 0) return text;
  const [from, to] = (contents.flow === true ? undefined : placeOfSection(document, text)) ?? [0, text.length];
  // What comes behind the section is no part of it: no comment there is taken for one of its own.
  const head = parseDocument(text.slice(0, to), { customTags: (tags) => tags.map(asWritten) });
  renewExpectations(head, { renewals, added });
  const written = writtenAs(head, text);
  const [start] = from === 0 ? [0] : (placeOfSection(parseDocument(written), written) ?? [0]);
  return text.slice(0, from) + written.slice(start) + text.slice(to);
}

/** Numbers that nobody changes are written as they were: `0x0009`, `1e1`. */
function asWritten(tag: Tags[number]): Tags[number] {
  if (typeof tag === 'string' || !isScalarTag(tag) || tag.stringify === undefined || tag.test === undefined) return tag;
  const { stringify: writeAnew } = tag;
  return { ...tag, stringify: (item, ...how) => item.source ?? writeAnew(item, ...how) };
}

function isScalarTag(tag: Exclude<Tags[number], string>): tag is ScalarTag {
  return tag.collection === undefined;
}

/** Whether anything is said to be expected. */
function hasExpectations(document: Document): boolean {
  const expect = document.get('expect');
  return expect !== undefined && expect !== null && !(isMap(expect) && expect.items.length === 0);
}

function withAll(document: Document, observed: Observed): string {
  document.set('expect', document.createNode(expectOf(observed)));
  return document.toString(UNFOLDED);
}

/** In place of an empty section, or at the end. */
function withSection(text: string, observed: Observed): string {
  const section = sectionOf(observed);
  const place = placeOfSection(parseDocument(text), text);
  if (place !== undefined) return text.slice(0, place[0]) + section + text.slice(place[1]);
  return `${text}${text.endsWith('\n') ? '' : '\n'}\n${section}`;
}

const UNFOLDED = { lineWidth: 0 } as const;

/** The document as text, indented as it was. */
function writtenAs(document: Document, before: string): string {
  const indent = /\n( +)[^\s#-]/.exec(before)?.[1]?.length ?? 2;
  const isFlush = /\n( *)[^\s#-][^\n]*:[^\n]*\n\1- /.test(before);
  const flowCollectionPadding = !/\{[^\s}]/.test(before);
  const text = document.toString({ ...UNFOLDED, indent, indentSeq: !isFlush, flowCollectionPadding });
  return /\[ /.test(before) ? text : withTightBrackets(text);
}

/** The library pads brackets as it does braces: `[ a ]`. */
function withTightBrackets(text: string): string {
  const spaces = new Set<number>();
  visit(parseDocument(text), {
    Seq(_key, { flow, range }) {
      if (flow !== true || !range) return;
      for (const at of [range[0] + 1, range[1] - 2]) if (text[at] === ' ') spaces.add(at);
    },
  });
  return text
    .split('')
    .filter((_character, at) => !spaces.has(at))
    .join('');
}

/**
 * Where the section `expect` of a block map begins and ends: before the next line that is not indented. Blank lines and comments before
 * that are the next one's.
 */
function placeOfSection({ contents }: Document, text: string): readonly [from: number, to: number] | undefined {
  const pair = isMap(contents) ? contents.items.find(({ key }) => isScalar(key) && key.value === 'expect') : undefined;
  const from = isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
  return from === undefined ? undefined : [from, endOfSection(text, from)];
}

function endOfSection(text: string, from: number): number {
  let end = text.length;
  let at = text.indexOf('\n', from) + 1;
  let last = at === 0 ? text.length : at;
  while (at > 0 && at < text.length) {
    const next = text.indexOf('\n', at) + 1 || text.length;
    const line = text.slice(at, next);
    const isInside = /^(\s+\S|-\s|\}|\])/.test(line) && !/^\s*#/.test(line);
    if (isInside) last = next;
    else if (/^[^\s#]/.test(line)) break;
    if (next === text.length && isInside) end = next;
    at = next;
  }
  return Math.min(last, end);
}

function expectOf({ frames, drops }: Observed): unknown {
  const byPort = frames.map(({ port, groups }) => [port, groups.map((group) => plainFrame(group))]);
  return { frames: Object.fromEntries(byPort) as unknown, ...(drops.length > 0 && { drops }) };
}

/** One line for each group of frames. */
function sectionOf({ frames, drops }: Observed): string {
  const lines = ['expect:', frames.length === 0 ? '  frames: {}' : '  frames:'];
  for (const { port, groups } of frames) {
    lines.push(`    ${inline(port)}:`, ...groups.map((group) => `      - ${inBraces(plainFrame(group))}`));
  }
  if (drops.length > 0) lines.push('  drops:');
  for (const { reason, count } of drops) lines.push(`    - { reason: ${reason}, count: ${count} }`);
  return `${lines.join('\n')}\n`;
}

function inBraces(frame: PlainFrame): string {
  return `{ ${Object.entries(frame)
    .map(([key, value]) => `${key}: ${inline(value)}`)
    .join(', ')} }`;
}

/** A scalar as it stands within braces. */
function inline(value: string | number): string {
  if (typeof value === 'number') return String(value);
  return /^[\w.][\w.:/-]*$/.test(value) && !value.endsWith(':') ? stringify(value).trimEnd() : JSON.stringify(value);
}
