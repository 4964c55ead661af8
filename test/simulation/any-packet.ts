import { constant, constantFrom, integer, oneof, record, tuple, uint8Array, type Arbitrary } from 'fast-check';
import {
  ETH_DST,
  ETH_SRC,
  ETHER_TYPE,
  FRAGMENT,
  ICMP_ID,
  IP_DST,
  IP_PROTO,
  IP_SRC,
  L4_DST,
  L4_SRC,
  SOUND_IPV4,
  TCP_FLAGS,
  TOS,
  TTL,
  VLAN,
  type Fields,
} from '../../simulation/packet/fields.ts';
import { ICMP, ICMPV6, TCP, UDP } from '../../simulation/packet/protocols.ts';
import { BROADCAST_MAC } from '../../topology/model/mac.ts';
import { ANN, arpFrame, BOB, ethernetFrame, ip, ipv4Frame, ipv6Frame, mac, signed } from './packets.ts';

/** Few of each, so that stations and connections are met again. */
const anyMac = constantFrom(ANN, BOB, mac`02:00:00:00:00:01`, mac`01:00:5e:00:00:05`, BROADCAST_MAC);
const anyIp = constantFrom(ip`10.0.0.1`, ip`10.0.0.10`, ip`10.0.1.20`, ip`224.0.0.5`, ip`0.0.0.0`);
const anyIpv6 = constantFrom([0x2001_0db8, 0, 0, 1], [0x2001_0db8, 0, 0, 2], [0xff02_0000, 0, 0, 1]);
const anyTags = constantFrom([], [], [], [10], [0], [0x88a8_0005, 10], [0, 0], [0x88a8_0005, 10, 20]);
const anyLink = record({ ethSrc: anyMac, ethDst: anyMac, tags: anyTags, padTo: constantFrom(0, 60) });
const anyPort = constantFrom(53, 80, 4000, 0);
const anyPayload = uint8Array({ maxLength: 24, size: 'max' });

const anyPorts = tuple(anyPort, anyPort).map(([src, dst]) => [src >> 8, src & 255, dst >> 8, dst & 255]);
const anySegment: Arbitrary<[number, Uint8Array]> = tuple(
  anyPorts,
  constantFrom(0x02, 0x10, 0x12, 0x04, 0x011, 0x1c2),
  anyPayload,
).map(([ports, flags, payload]) => [
  TCP,
  Uint8Array.of(...ports, 0, 0, 0, 1, 0, 0, 0, 0, 0x50 | (flags >> 8), flags, 1, 1, 0, 0, 0, 0, ...payload),
]);
const anyDatagram: Arbitrary<[number, Uint8Array]> = tuple(anyPorts, anyPayload).map(([ports, payload]) => [
  UDP,
  Uint8Array.of(...ports, 0, 8 + payload.length, 0, 0, ...payload),
]);
const anyMessage = (protocol: number): Arbitrary<[number, Uint8Array]> =>
  tuple(constantFrom(0, 8, 3, 11, 128, 129, 135), constantFrom(0, 1), constantFrom(1, 2), anyPayload).map(
    ([type, code, ident, payload]) => [protocol, Uint8Array.of(type, code, 0, 0, 0, ident, 0, 1, ...payload)],
  );
const anyOther: Arbitrary<[number, Uint8Array]> = tuple(constantFrom(47, 50, 51, 132), anyPayload);
const anyL4: Arbitrary<[number, Uint8Array]> = oneof(
  anySegment,
  anyDatagram,
  anyMessage(ICMP),
  anyMessage(ICMPV6),
  anyOther,
);
const aCutL4: Arbitrary<[number, Uint8Array]> = tuple(anyL4, integer({ min: 0, max: 20 })).map(
  ([[protocol, bytes], length]) => [protocol, bytes.slice(0, length)],
);
/** Layer 4 as its sender wrote it, or cut short. */
const anyCutL4 = oneof({ weight: 5, arbitrary: anyL4 }, { weight: 1, arbitrary: aCutL4 });

const NO_OPTIONS = new Uint8Array(0);
const anyIpOptions = constantFrom(
  NO_OPTIONS,
  NO_OPTIONS,
  NO_OPTIONS,
  Uint8Array.of(0x94, 4, 0, 0), // router alert
  Uint8Array.of(131, 7, 4, 10, 0, 0, 1, 0), // loose source route
  Uint8Array.of(7, 9, 0, 0), // a record route that runs out of the header
);
const anyFragment = constantFrom(
  { moreFragments: false, fragmentOffset: 0 },
  { moreFragments: false, fragmentOffset: 0 },
  { moreFragments: false, fragmentOffset: 0 },
  { moreFragments: true, fragmentOffset: 0 },
  { moreFragments: false, fragmentOffset: 64 },
);

const anyIpv4Frame: Arbitrary<Uint8Array> = tuple(
  anyCutL4,
  anyLink,
  anyFragment,
  record({
    src: anyIp,
    dst: anyIp,
    ttl: constantFrom(64, 1, 0, 255),
    tos: constantFrom(0, 0xb8),
    id: constantFrom(1, 2),
    options: anyIpOptions,
  }),
  constantFrom(true, true, true, false),
).map(([[protocol, bytes], link, fragment, header, hasGoodChecksum]) => {
  const frame = signed(ipv4Frame(protocol, bytes, { ...link, ...fragment, ...header }), protocol);
  const at = 24 + 4 * link.tags.length;
  if (!hasGoodChecksum) frame[at] = (frame[at] ?? 0) ^ 0x55;
  return frame;
});

/** Extension headers in front of layer 4, in the order they are walked; each begins with the number of the next. */
const anyExtensions = constantFrom<readonly (readonly [number, readonly number[]])[]>(
  [],
  [],
  [[0, [0, 1, 4, 0, 0, 0, 0]]],
  [[44, [0, 0, 0, 0, 0, 0, 7]]], // an atomic fragment
  [[44, [0, 0, 1, 0, 0, 0, 7]]],
  [[44, [0, 0, 0x41, 0, 0, 0, 7]]],
  [
    [0, [0, 1, 4, 0, 0, 0, 0]],
    [43, [0, 0, 0, 0, 0, 0, 0]],
    [60, [0, 1, 4, 0, 0, 0, 0]],
  ],
  [[51, [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]]],
  [[60, [9, 1, 4, 0, 0, 0, 0]]], // longer than the packet
);

const anyIpv6Frame: Arbitrary<Uint8Array> = tuple(
  anyCutL4,
  anyLink,
  anyExtensions,
  record({ src: anyIpv6, dst: anyIpv6, hopLimit: constantFrom(64, 1), trafficClass: constantFrom(0, 0xb8) }),
).map(([[protocol, bytes], link, headers, fixed]) => {
  const extensions = Uint8Array.from(headers.flatMap(([, rest], n) => [headers[n + 1]?.[0] ?? protocol, ...rest]));
  return ipv6Frame(protocol, bytes, { ...link, ...fixed, extensions, firstHeader: headers[0]?.[0] ?? protocol });
});

const anyArpFrame: Arbitrary<Uint8Array> = tuple(
  anyLink,
  record({
    operation: oneof(constantFrom(1, 2), constantFrom(0, 3, 255, 256)),
    senderMac: anyMac,
    senderIp: anyIp,
    targetMac: anyMac,
    targetIp: anyIp,
  }),
).map(([link, message]) => arpFrame({ ...link, ...message }));

/** Other ethertypes, 802.3 lengths, and payloads that are not what the ethertype says. */
const anyEthernetFrame: Arbitrary<Uint8Array> = tuple(
  constantFrom(0x0800, 0x86dd, 0x0806, 0x88cc, 0x0026, 0x05ff, 0x0600),
  uint8Array({ maxLength: 50, size: 'max' }),
  anyLink,
).map(([type, payload, link]) => ethernetFrame(type, payload, link));

const anyWholeFrame = oneof(
  { weight: 4, arbitrary: anyIpv4Frame },
  { weight: 2, arbitrary: anyIpv6Frame },
  { weight: 2, arbitrary: anyArpFrame },
  { weight: 1, arbitrary: anyEthernetFrame },
);

/** Frames of all kinds between few stations: sound and unsound, fragments, tagged, and one in six cut short anywhere. */
export const anyFrameBytes: Arbitrary<Uint8Array> = oneof(
  { weight: 5, arbitrary: anyWholeFrame },
  {
    weight: 1,
    arbitrary: tuple(anyWholeFrame, integer({ min: 0, max: 80 })).map(([bytes, length]) => bytes.slice(0, length)),
  },
);

/** Any set of fields that a device may have seen: with each field those it rests on. */
export const anySeen: Arbitrary<Fields> = tuple(
  ...[
    ETH_DST,
    ETH_SRC,
    ETHER_TYPE,
    VLAN,
    FRAGMENT,
    SOUND_IPV4,
    IP_PROTO,
    IP_SRC,
    IP_DST,
    TTL,
    TOS,
    L4_SRC,
    L4_DST,
    TCP_FLAGS,
    ICMP_ID,
  ].map((field) => oneof(constant(0), constant(field))),
).map((fields) => fields.reduce((all, field) => all | field, 0));
