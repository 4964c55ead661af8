import { constant, constantFrom, integer, oneof, record, tuple, type Arbitrary } from 'fast-check';
import type { Ipv4 } from '../../../topology/model/ipv4.ts';
import { BROADCAST_MAC, type Mac } from '../../../topology/model/mac.ts';
import { arp, ethernet, ip, mac } from './simulated.ts';

export const ANN = mac`02:00:00:00:00:0a`;
export const BOB = mac`02:00:00:00:00:0b`;
/** The port of a router. */
export const GATE = mac`02:00:00:00:00:01`;
export const GROUP = mac`01:00:5e:00:00:05`;

/** Few of each, so that stations are met again. */
const anyMac: Arbitrary<Mac> = constantFrom(ANN, BOB, GATE, GROUP, BROADCAST_MAC);
const anyIp: Arbitrary<Ipv4> = constantFrom(ip`0.0.0.0`, ip`10.0.0.1`, ip`10.0.0.10`, ip`10.0.0.11`);
const anyTags: Arbitrary<readonly number[]> = constantFrom([], [], [0], [10], [0, 5], [0, 0], [10, 20, 30]);
/** IPv4, IPv6, ARP without a message, 802.3. */
const anyType = constantFrom(0x0800, 0x86dd, 0x0806, 0x0040);

const anyEthernet = tuple(anyMac, anyMac, anyType, anyTags).map(([src, dst, type, tags]) =>
  ethernet(src, dst, { type, tags }),
);
/** Requests, replies and others; gratuitous ones, probes, tagged ones, and those whose sender is not who sends the frame. */
const anyArp = tuple(
  oneof(constant(1), integer({ min: 0, max: 3 })),
  record({ mac: anyMac, ip: anyIp }),
  anyIp,
  anyTags,
  oneof(constant(undefined), anyMac),
).map(([operation, sender, target, tags, ethSrc]) =>
  arp(operation, sender, target, { tags, ethSrc: ethSrc ?? sender.mac }),
);
const anyWhole = oneof(anyEthernet, anyArp, anyArp);

/** Frames of all kinds between few stations, whole or cut short anywhere. */
export const anyFrame: Arbitrary<Uint8Array> = oneof(
  { weight: 4, arbitrary: anyWhole },
  {
    weight: 1,
    arbitrary: tuple(anyWhole, integer({ min: 0, max: 60 })).map(([bytes, length]) => bytes.subarray(0, length)),
  },
);
