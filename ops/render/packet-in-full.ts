import { verifyL4 } from '../../simulation/packet/checksum.ts';
import { dissect, type Dissected } from '../../simulation/packet/dissect.ts';
import type { Frame } from '../../simulation/packet/frame.ts';
import type { Look } from './look.ts';
import { printable } from './text-width.ts';

const OCTETS_A_LINE = 16;
const LINES_SHOWN = 8;

/**
 * A packet layer by layer under Wireshark's names, a line each, then its octets: of a long one the beginning. A checksum of layer 4 that
 * is wrong is said so.
 */
export function describePacketInFull(frame: Frame, look: Look): string[] {
  const lines = layerLines(dissect(frame), look);
  if (verifyL4(frame.bytes, frame.layers) === 'bad')
    lines.push(look.paint.warn(`${look.signs.bad} the checksum of the last of these is wrong`));
  return [...lines, ...octetLines(frame.bytes, look)];
}

function layerLines(fields: readonly Dissected[], { paint }: Look): string[] {
  const layers: { readonly name: string; readonly first: string; readonly words: string[] }[] = [];
  for (const [field, value] of fields) {
    const dot = field.indexOf('.');
    const name = field.slice(0, dot);
    const rest = field.slice(dot + 1);
    if (name === 'frame' || (rest.includes('.') && value === '0')) continue;
    const last = layers.at(-1);
    // A field met again begins the next header of the same kind: two VLAN tags.
    if (last?.name === name && rest !== last.first) last.words.push(`${rest}=${value}`);
    else layers.push({ name, first: rest, words: [`${rest}=${value}`] });
  }
  return layers.map(({ name, words }) => `${paint.strong(name.padEnd(6))} ${printable(words.join(' '))}`);
}

/** Places, octets and characters, as tcpdump -XX shows them. */
function octetLines(bytes: Uint8Array, { paint, signs }: Look): string[] {
  const lines: string[] = [];
  const shown = Math.min(bytes.length, LINES_SHOWN * OCTETS_A_LINE);
  for (let at = 0; at < shown; at += OCTETS_A_LINE) {
    const octets = bytes.subarray(at, Math.min(at + OCTETS_A_LINE, shown));
    const hex = Array.from(octets, (octet) => octet.toString(16).padStart(2, '0'));
    const characters = Array.from(octets, (octet) =>
      octet >= 0x20 && octet < 0x7f ? String.fromCodePoint(octet) : '.',
    );
    const place = at.toString(16).padStart(4, '0');
    lines.push(paint.quiet(`${place}   ${hex.join(' ').padEnd(3 * OCTETS_A_LINE)}  ${characters.join('')}`));
  }
  if (shown < bytes.length) lines.push(paint.quiet(`${signs.ellipsis} ${bytes.length - shown} more octets`));
  return lines;
}
