import { portIdOf } from '../../topology/model/ids.ts';
import { checksumOf } from '../packet/checksum.ts';
import { extract } from '../packet/extract.ts';
import { L4_SRC, LATER_FRAGMENT, NO_FRAGMENT } from '../packet/fields.ts';
import type { FlowKey } from '../packet/flow-key.ts';
import { KEY_WORDS } from '../packet/key-layout.ts';
import { Layers } from '../packet/frame.ts';
import { ECHO_REQUEST, echoReply, stampIdentification } from '../packet/icmp.ts';
import { u16, u8 } from '../packet/octets.ts';
import type { Packet } from '../packet/packet.ts';
import { ICMP, ICMP_HEADER } from '../packet/protocols.ts';
import { consumed, drop, type Verdict } from '../verdict.ts';
import { wayOfAddresses } from './multipath.ts';
import { nextHopOf, suspendFor } from './next-hop.ts';
import type { Router } from './router.ts';

const LOCAL_NOT_ECHO = drop('local-not-echo');
const BAD_ECHO_CHECKSUM = drop('bad-echo-checksum');
const ECHO_UNANSWERABLE = drop('echo-unanswerable');
const BAD_FRAGMENT = drop('bad-fragment');
const FRAGMENT_HELD = consumed('fragment-held');
const ECHO_ANSWERED = consumed('echo-answered');

/**
 * Takes in a packet for one of the router's own addresses: answers an echo request, drops all else.
 *
 * An echo is answered out of octets that no key has: once a packet is known to be one, no flow stands for it.
 *
 * @see spec 30 §8.4 and §13; RFC 1122, section 3.2.2.6
 */
export function takeIn(router: Router, packet: Packet): Verdict {
  const { key, frame } = packet;
  if (key.ipProto !== ICMP) return LOCAL_NOT_ECHO;
  const { fragment } = key;
  if (fragment !== LATER_FRAGMENT && !isEchoRequest(key)) return LOCAL_NOT_ECHO;
  packet.seeBeyondKey();
  if (fragment !== NO_FRAGMENT) return takeFragment(router, packet);
  const { l4, end, isWhole } = frame.layers;
  return isWhole ? answerEcho(router, packet, frame.bytes.subarray(l4, end)) : ECHO_UNANSWERABLE;
}

/** Puts the fragments of an echo request together; the one that was lacking is answered for all (C23). */
function takeFragment(router: Router, packet: Packet): Verdict {
  const { key, frame, now } = packet;
  const { datagrams } = router.tables;
  const name = {
    source: key.ipSrc,
    destination: key.ipDst,
    protocol: key.ipProto,
    identification: u16(frame.bytes, frame.layers.l3 + 4),
  };
  const { fate, whole } = datagrams.assemble(name, frame, now);
  if (fate === 'waiting') packet.propose({ carryOut: (end) => datagrams.hold(name, frame, end) });
  if (fate === 'waiting' || fate === 'duplicate') return FRAGMENT_HELD;
  if (whole === undefined) {
    packet.propose({ carryOut: (end) => datagrams.spoil(name, end) });
    return BAD_FRAGMENT;
  }
  packet.propose({ carryOut: () => datagrams.forget(name) });
  const { l4, end } = layersOf(whole);
  const isEcho = l4 >= 0 && u8(whole, l4) === ECHO_REQUEST && u8(whole, l4 + 1) === 0;
  return isEcho ? answerEcho(router, packet, whole.subarray(l4, end)) : LOCAL_NOT_ECHO;
}

/** Where the headers of a datagram put together lie: its fragments may have come with a priority tag, or without. */
function layersOf(whole: Uint8Array): Layers {
  const layers = new Layers();
  extract(whole, whole.length, whole.length, portIdOf(0), new Uint32Array(KEY_WORDS), layers);
  return layers;
}

function isEchoRequest(key: FlowKey): boolean {
  return key.has(L4_SRC) && key.l4Src === ECHO_REQUEST && key.l4Dst === 0;
}

/** Answers a whole echo request; the answer is routed like any packet, and waits for its next hop like any packet. */
function answerEcho(router: Router, packet: Packet, request: Uint8Array): Verdict {
  if (request.length < ICMP_HEADER) return ECHO_UNANSWERABLE;
  if (checksumOf(request, 0, request.length) !== 0) return BAD_ECHO_CHECKSUM;
  const { key, facts } = packet;
  const [pinged, requester] = [key.ipDst, key.ipSrc];
  const ways = router.routes.lookup(pinged, requester);
  const way = ways[wayOfAddresses(pinged, requester, ICMP, ways.length)];
  facts.destIp(router.id, requester);
  if (way === undefined) facts.noRoute(router.id);
  else facts.route(router.id, way.number);
  const egress = way?.port === undefined ? undefined : router.ports.get(way.port);
  if (way?.kind !== 'port' || egress?.address === undefined || egress.address === requester) return ECHO_UNANSWERABLE;

  const address = way.gateway ?? requester;
  const hop = nextHopOf(router, egress, address, packet);
  if (hop === 'unknown') return suspendFor(router, egress, address);
  if (typeof hop === 'string') return ECHO_UNANSWERABLE;
  const ends = { ethSrc: egress.mac, ethDst: hop, ipSrc: pinged, ipDst: requester };
  const bytes = echoReply(ends, key.tos, request);
  const state = router.tables.portState(egress.id);
  packet.generate({
    cause: 'echo-reply',
    bytes,
    egress: egress.id,
    finish: () => stampIdentification(bytes, state.nextIdentification()),
  });
  return ECHO_ANSWERED;
}
