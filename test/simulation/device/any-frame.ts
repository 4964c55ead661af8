import { constant, constantFrom, integer, oneof, record, tuple, type Arbitrary } from 'fast-check';
import { BROADCAST_MAC } from '../../../topology/model/mac.ts';
import { anyFrameBytes } from '../any-packet.ts';
import { ANN, BOB, ip, mac } from '../packets.ts';
import { arp } from './simulated.ts';

/** The port of a router. */
export const GATE = mac`02:00:00:00:00:01`;
export const GROUP = mac`01:00:5e:00:00:05`;

const anyMac = constantFrom(ANN, BOB, GATE, GROUP, BROADCAST_MAC);
const anyIp = constantFrom(ip`0.0.0.0`, ip`10.0.0.1`, ip`10.0.0.10`, ip`10.0.0.11`);
const anyTags = constantFrom<readonly number[]>([], [], [0], [10], [0, 5], [0, 0], [0, 0, 30]);

/** Requests, replies and others; gratuitous ones, probes, tagged ones, and those whose sender is not who sends the frame. */
const anyArp = tuple(
  oneof(constant(1), integer({ min: 0, max: 3 })),
  record({ mac: anyMac, ip: anyIp }),
  anyIp,
  anyTags,
  oneof(constant(undefined), anyMac),
).map(([operation, sender, target, tags, ethSrc = sender.mac]) => arp(operation, sender, target, { tags, ethSrc }));
const aCutArp = tuple(anyArp, integer({ min: 0, max: 60 })).map(([bytes, length]) => bytes.subarray(0, length));

/** Frames of all kinds between few stations, whole or cut short anywhere; many of them broadcast ARP. */
export const anyFrame: Arbitrary<Uint8Array> = oneof(
  { weight: 5, arbitrary: anyFrameBytes },
  { weight: 4, arbitrary: anyArp },
  { weight: 1, arbitrary: aCutArp },
);
