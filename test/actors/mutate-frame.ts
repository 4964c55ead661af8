import { frameOf } from '../../actors/frame-of.ts';
import { signIpv4Header } from '../../simulation/packet/ipv4-header.ts';
import { put16 } from '../../simulation/packet/octets.ts';
import type { Chance } from '../datapath/capture/mutate.ts';

/** A frame, and how much of it there was on the wire. */
export interface WireFrame {
  readonly bytes: Uint8Array;
  readonly wireLength: number;
}

type Mutation = (bytes: Uint8Array, chance: Chance) => Uint8Array;

const ETHERTYPES = [0x0800, 0x0806, 0x86dd, 0x8100, 0x88a8, 0x9100, 0x88cc, 0x05dc, 0x0040, 0, 0xffff];
const NUMBERS = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 0x0f, 0x10, 0x40, 0x45, 0x46, 0x4f, 0x50, 0x60, 0x7f, 0x80, 0xf0, 0xfe, 0xff,
];
const SHORTS = [
  0, 1, 7, 8, 19, 20, 21, 27, 28, 60, 576, 1480, 1500, 0x1fff, 0x2000, 0x2001, 0x3fff, 0x4000, 0x7fff, 0xffff,
];

/** Damages a frame one to four times: header by header, in lengths, offsets, options and fragments; the same for the same chance. */
export function mutateFrame(frame: Uint8Array, chance: Chance): WireFrame {
  let bytes: Uint8Array = frame.slice();
  for (let times = 1 + chance.below(4); times > 0; times--) bytes = chance.oneOf(MUTATIONS)(bytes, chance);
  const l3 = frameOf(bytes).layers.l3;
  if (l3 >= 0 && chance.below(3) > 0) sign(bytes, l3);
  return { bytes, wireLength: bytes.length + (chance.below(4) === 0 ? chance.below(2000) : 0) };
}

const etherType: Mutation = (bytes, chance) => {
  if (bytes.length >= 14) put16(bytes, 12, chance.oneOf(ETHERTYPES));
  return bytes;
};

const groupBit: Mutation = (bytes, chance) => {
  const at = chance.oneOf([0, 6]);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
};

const tag: Mutation = (bytes, chance) => {
  if (bytes.length < 14) return bytes;
  const tagged = new Uint8Array(bytes.length + 4);
  tagged.set(bytes.subarray(0, 12));
  put16(tagged, 12, chance.oneOf([0x8100, 0x88a8]));
  put16(tagged, 14, chance.oneOf([0, 5, 0x2000, 0xffff]));
  tagged.set(bytes.subarray(12), 16);
  return tagged;
};

const cut: Mutation = (bytes, chance) => bytes.slice(0, 14 + chance.below(Math.max(1, bytes.length - 13)));

const lengthen: Mutation = (bytes, chance) => {
  const longer = new Uint8Array(bytes.length + chance.below(1600));
  longer.fill(0xaa);
  longer.set(bytes);
  return longer;
};

/** A number in the first octets of layer 3: version, lengths, fragments, TTL, protocol, checksum, options. */
const layer3: Mutation = (bytes, chance) => inLayer(bytes, frameOf(bytes).layers.l3, 40, chance);

/** A number in the first octets of layer 4: ports, lengths, offsets, flags, types. */
const layer4: Mutation = (bytes, chance) => inLayer(bytes, frameOf(bytes).layers.l4, 24, chance);

const fragment: Mutation = (bytes, chance) => {
  const { l3 } = frameOf(bytes).layers;
  if (l3 >= 0 && l3 + 8 <= bytes.length) put16(bytes, l3 + 6, chance.oneOf(SHORTS));
  return bytes;
};

const options: Mutation = (bytes, chance) => {
  const { l3 } = frameOf(bytes).layers;
  if (l3 < 0 || (bytes[l3] ?? 0) >>> 4 !== 4 || l3 + 20 > bytes.length) return bytes;
  const words = 1 + chance.below(10);
  const longer = new Uint8Array(bytes.length + words * 4);
  longer.set(bytes.subarray(0, l3 + 20));
  for (let at = l3 + 20; at < l3 + 20 + words * 4; at++) {
    longer[at] = chance.oneOf([0, 1, 2, 3, 4, 7, 0x44, 0x83, 0x89, 0x94, 0xff]);
  }
  longer.set(bytes.subarray(l3 + 20), l3 + 20 + words * 4);
  longer[l3] = 0x40 | Math.min(15, 5 + words);
  return longer;
};

const octet: Mutation = (bytes, chance) => {
  bytes[chance.below(bytes.length)] = chance.oneOf(NUMBERS);
  return bytes;
};

const MUTATIONS: readonly Mutation[] = [
  etherType,
  groupBit,
  tag,
  cut,
  lengthen,
  layer3,
  layer3,
  layer3,
  layer4,
  layer4,
  fragment,
  options,
  octet,
];

function inLayer(bytes: Uint8Array, start: number, octets: number, chance: Chance): Uint8Array {
  if (start < 0) return bytes;
  const at = start + chance.below(octets);
  if (at + 2 > bytes.length) return bytes;
  if (chance.below(2) === 0) bytes[at] = chance.oneOf(NUMBERS);
  else put16(bytes, at, chance.oneOf(SHORTS));
  return bytes;
}

/** Makes the header checksum right again, so that damage gets past the first check. */
function sign(bytes: Uint8Array, l3: number): void {
  const length = ((bytes[l3] ?? 0) & 0xf) * 4;
  if ((bytes[l3] ?? 0) >>> 4 === 4 && length >= 20 && l3 + length <= bytes.length) signIpv4Header(bytes, l3, length);
}
