import { isMap, isScalar, parseDocument, stringify } from 'yaml';
import type { Observed } from '../expectations/observation.ts';

/**
 * Writes what a run came to into a scenario file, as what is expected of it from now on: in place of its `expect` section, or at its
 * end. All else, comments too, stays as it is to the byte; written twice, nothing changes.
 *
 * @param text a scenario file that loads
 * @returns the new text; the old one when it says the same
 */
export function updateExpectations(text: string, observed: Observed): string {
  const section = sectionOf(observed);
  const document = parseDocument(text, { keepSourceTokens: true });
  const { contents } = document;
  if (!isMap(contents)) throw new TypeError('a scenario file is a map');
  if (contents.flow === true) {
    document.set('expect', document.createNode(expectOf(observed)));
    const updated = document.toString({ lineWidth: 0 });
    return updated === text ? text : updated;
  }
  const at = contents.items.findIndex(({ key }) => isScalar(key) && key.value === 'expect');
  const pair = contents.items[at];
  if (pair === undefined || !isScalar(pair.key)) {
    const lineEnd = text.endsWith('\n') ? '' : '\n';
    return `${text}${lineEnd}\n${section}`;
  }
  const from = pair.key.range?.[0] ?? text.length;
  const to = endOfSection(text, from);
  return text.slice(0, from) + section + text.slice(to);
}

/** A section of a block map ends before the next line that is not indented: blank lines and comments before that are the next one's. */
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
  const byPort = frames.map(({ port, groups }) => [
    port,
    groups.map(({ fields, count }) => ({
      ...Object.fromEntries(fields.map(([field, value]) => [field, plain(value)])),
      count,
    })),
  ]);
  return { frames: Object.fromEntries(byPort) as unknown, ...(drops.length > 0 && { drops }) };
}

function plain(value: string): string | number {
  return /^(0|[1-9]\d*)$/.test(value) && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** One line for each group of frames. */
function sectionOf({ frames, drops }: Observed): string {
  const lines = ['expect:', frames.length === 0 ? '  frames: {}' : '  frames:'];
  for (const { port, groups } of frames) {
    lines.push(`    ${inline(port)}:`);
    for (const { fields, count } of groups) {
      const told = fields.map(([field, value]) => `${field}: ${inline(plain(value))}`);
      lines.push(`      - { ${[...told, `count: ${count}`].join(', ')} }`);
    }
  }
  if (drops.length > 0) lines.push('  drops:');
  for (const { reason, count } of drops) lines.push(`    - { reason: ${reason}, count: ${count} }`);
  return `${lines.join('\n')}\n`;
}

/** A scalar as it stands within braces. */
function inline(value: string | number): string {
  if (typeof value === 'number') return String(value);
  return /^[\w.][\w.:/-]*$/.test(value) && !value.endsWith(':') ? stringify(value).trimEnd() : JSON.stringify(value);
}
