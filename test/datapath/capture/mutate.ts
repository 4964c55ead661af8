/** Chance that is the same each time: mulberry32, a small generator that is good enough to choose by. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number in [0, below). */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  }

  oneOf<Value>(values: readonly Value[]): Value {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new RangeError('nothing to choose from');
    return value;
  }
}

/** A number in a capture file. */
interface Field {
  readonly name: string;
  readonly at: number;
  readonly octets: 1 | 2 | 4 | 8;
}

/** A part of a capture file that can be lost, doubled or moved: a header, a record, a block. */
interface Part {
  readonly name: string;
  readonly at: number;
  readonly length: number;
  readonly fields: readonly Field[];
}

/** What a file has become, and how, in words. */
export interface Mutant {
  readonly bytes: Buffer;
  readonly told: string;
}

const PCAPNG = 0x0a0d_0d0a;

/**
 * Damages a capture file, pcap or pcapng, one to four times: in its lengths, offsets, options and other numbers, by
 * cutting it, by losing, doubling and moving whole blocks, by octets turned.
 *
 * @param seed the same file and seed give the same damage
 */
export function mutate(file: Uint8Array, seed: number): Mutant {
  const chance = new Chance(seed);
  let bytes: Buffer = Buffer.from(file);
  const told: string[] = [];
  for (let times = 1 + chance.below(4); times > 0; times--) {
    const mutation = chance.oneOf(MUTATIONS);
    const done = mutation(bytes, chance);
    bytes = done.bytes;
    told.push(done.told);
  }
  return { bytes, told: told.join('; ') };
}

const MUTATIONS: readonly ((bytes: Buffer, chance: Chance) => Mutant)[] = [
  setField,
  setField,
  setField,
  cut,
  turnOctets,
  insertOctets,
  losePart,
  doublePart,
  movePart,
];

function setField(bytes: Buffer, chance: Chance): Mutant {
  const fields = partsOf(bytes).flatMap((part) => part.fields.map((field) => ({ part, field })));
  if (fields.length === 0) return { bytes, told: 'nothing to set' };
  const { part, field } = chance.oneOf(fields);
  const { at, octets } = field;
  const littleEndian = chance.below(4) > 0;
  const most = 2 ** (8 * Math.min(octets, 4)) - 1;
  const old = octets === 1 ? bytes.readUInt8(at) : read(bytes, at, octets === 2 ? 2 : 4, littleEndian);
  const near = [old + 1, old - 1, old + 4, old - 4, old * 2, old ^ 0x80];
  const edges = [0, 1, 3, 4, 7, 8, 11, 12, 16, 28, 32, 0x7f, 0x80, 0x7fff, 0xffff, 262_144, 262_145, 0x0100_0000];
  const extremes = [0x0100_0004, 0x7fff_ffff, 0x8000_0000, 0xffff_fffc, 0xffff_ffff, bytes.length, part.length];
  const value = chance.oneOf([...near, ...edges, ...extremes, chance.below(2 ** 32)]) & most;
  const changed = Buffer.from(bytes);
  write(changed, at, octets, value >>> 0, littleEndian);
  return { bytes: changed, told: `${field.name} of the ${part.name} at ${part.at} is ${value >>> 0}` };
}

function cut(bytes: Buffer, chance: Chance): Mutant {
  const length = chance.below(bytes.length + 1);
  return { bytes: bytes.subarray(0, length), told: `cut to ${length} bytes` };
}

function turnOctets(bytes: Buffer, chance: Chance): Mutant {
  const changed = Buffer.from(bytes);
  const places = Array.from({ length: bytes.length && 1 + chance.below(8) }, () => chance.below(bytes.length));
  for (const at of places) changed.writeUInt8(changed.readUInt8(at) ^ (1 + chance.below(255)), at);
  return { bytes: changed, told: `octets turned at ${places.join(', ')}` };
}

function insertOctets(bytes: Buffer, chance: Chance): Mutant {
  const at = chance.below(bytes.length + 1);
  const more = Buffer.from(Array.from({ length: 1 + chance.below(40) }, () => chance.below(256)));
  return {
    bytes: Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]),
    told: `${more.length} octets put in at ${at}`,
  };
}

function losePart(bytes: Buffer, chance: Chance): Mutant {
  const parts = partsOf(bytes);
  if (parts.length === 0) return { bytes, told: 'nothing to lose' };
  const { name, at, length } = chance.oneOf(parts);
  return { bytes: Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]), told: `${name} at ${at} lost` };
}

function doublePart(bytes: Buffer, chance: Chance): Mutant {
  const parts = partsOf(bytes);
  if (parts.length === 0) return { bytes, told: 'nothing to double' };
  const { name, at, length } = chance.oneOf(parts);
  return {
    bytes: Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]),
    told: `${name} at ${at} doubled`,
  };
}

function movePart(bytes: Buffer, chance: Chance): Mutant {
  const parts = partsOf(bytes);
  if (parts.length === 0) return { bytes, told: 'nothing to move' };
  const { name, at, length } = chance.oneOf(parts);
  const part = bytes.subarray(at, at + length);
  const others = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
  const to = Math.min(others.length, chance.oneOf(parts).at);
  return {
    bytes: Buffer.concat([others.subarray(0, to), part, others.subarray(to)]),
    told: `${name} at ${at} moved to ${to}`,
  };
}

/** The parts of a file as far as they can be made out; a damaged file has fewer. */
function partsOf(bytes: Buffer): readonly Part[] {
  if (bytes.length < 4) return [];
  return bytes.readUInt32BE(0) === PCAPNG ? blocksOf(bytes) : recordsOf(bytes);
}

function recordsOf(bytes: Buffer): readonly Part[] {
  if (bytes.length < 24) return [];
  const littleEndian = bytes.readUInt8(0) > 0xa1 || bytes.readUInt8(0) === 0x4d;
  const header: Part = {
    name: 'file header',
    at: 0,
    length: 24,
    fields: fieldsAt(0, { magic: [0, 4], major: [4, 2], minor: [6, 2], snapLength: [16, 4], linkType: [20, 4] }),
  };
  const parts = [header];
  for (let at = 24; at + 16 <= bytes.length;) {
    const length = 16 + read(bytes, at + 8, 4, littleEndian);
    if (at + length > bytes.length) break;
    const fields = fieldsAt(at, { seconds: [0, 4], ticks: [4, 4], capturedLength: [8, 4], wireLength: [12, 4] });
    parts.push({ name: 'record', at, length, fields });
    at += length;
  }
  return parts;
}

const LAYOUTS: Readonly<Record<number, Readonly<Record<string, readonly [at: number, octets: Field['octets']]>>>> = {
  [PCAPNG]: { magic: [8, 4], major: [12, 2], minor: [14, 2], sectionLength: [16, 8] },
  1: { linkType: [8, 2], snapLength: [12, 4] },
  2: { interface: [8, 2], high: [12, 4], low: [16, 4], capturedLength: [20, 4], wireLength: [24, 4] },
  3: { wireLength: [8, 4] },
  6: { interface: [8, 4], high: [12, 4], low: [16, 4], capturedLength: [20, 4], wireLength: [24, 4] },
};

function blocksOf(bytes: Buffer): readonly Part[] {
  const parts: Part[] = [];
  let littleEndian = true;
  for (let at = 0; at + 12 <= bytes.length;) {
    if (bytes.readUInt32BE(at) === PCAPNG) littleEndian = bytes.readUInt8(at + 8) === 0x4d;
    const type = read(bytes, at, 4, littleEndian);
    const length = read(bytes, at + 4, 4, littleEndian);
    if (length < 12 || at + length > bytes.length) break;
    const layout = LAYOUTS[type] ?? {};
    const ends = { type: [0, 4], length: [4, 4], trailer: [length - 4, 4] } as const;
    const inside = fieldsAt(at, { ...ends, ...layout }).filter((field) => field.at + field.octets <= at + length);
    const block = bytes.subarray(at, at + length);
    parts.push({ name: `block ${type}`, at, length, fields: [...inside, ...optionsOf(block, at, type, littleEndian)] });
    at += length;
  }
  return parts;
}

function optionsOf(block: Buffer, offset: number, type: number, littleEndian: boolean): readonly Field[] {
  const fields: Field[] = [];
  for (let at = optionsAt(block, type, littleEndian); at + 8 <= block.length;) {
    const length = read(block, at + 2, 2, littleEndian);
    fields.push(...fieldsAt(offset + at, { code: [0, 2], optionLength: [2, 2] }));
    if (length > 0 && at + 4 + length <= block.length - 4) fields.push(...fieldsAt(offset + at, { value: [4, 1] }));
    at += 4 + ((length + 3) & ~3);
  }
  return fields;
}

function optionsAt(block: Buffer, type: number, littleEndian: boolean): number {
  if (type === PCAPNG) return 24;
  if (type === 1) return 16;
  if ((type !== 2 && type !== 6) || block.length < 32) return block.length;
  return 28 + 4 * Math.ceil(read(block, 20, 4, littleEndian) / 4);
}

function fieldsAt(
  start: number,
  layout: Readonly<Record<string, readonly [at: number, octets: Field['octets']]>>,
): Field[] {
  return Object.entries(layout).map(([name, [at, octets]]) => ({ name, at: start + at, octets }));
}

function read(bytes: Buffer, at: number, octets: 2 | 4, littleEndian: boolean): number {
  return littleEndian ? bytes.readUIntLE(at, octets) : bytes.readUIntBE(at, octets);
}

function write(bytes: Buffer, at: number, octets: Field['octets'], value: number, littleEndian: boolean): void {
  const length = octets === 8 ? 4 : octets;
  if (littleEndian) bytes.writeUIntLE(value, at, length);
  else bytes.writeUIntBE(value, at, length);
}
