import { extract } from '../../simulation/packet/extract.ts';
import { ETH_DST, ETH_SRC, FRAGMENT, TTL } from '../../simulation/packet/fields.ts';
import { KEY_WORDS } from '../../simulation/packet/key-layout.ts';
import { Layers } from '../../simulation/packet/frame.ts';
import { applyRewrite, rewriteOf, REWRITE_ROOM } from '../../simulation/packet/rewrite.ts';
import { portIdOf } from '../../topology/model/ids.ts';
import { arpFrame, frameOf, ip, ipv6Frame, mac, tcpFrame, udpFrame, wordsOf } from '../simulation/packets.ts';
import { bestNanos, type BenchResult } from './bench-result.ts';

/** Pieces of work, and packets of each. */
const PIECES = 50;
const PACKETS = 10_000;
const p1 = portIdOf(1);
const here = { src: ip`10.0.0.1`, dst: ip`10.0.0.2` };
const segment = tcpFrame(here);

/** Nanoseconds to read the key of a plain TCP frame; beside it, those of others, all by the same code in one process. */
export function packetExtract(): Promise<BenchResult> {
  const others: readonly [string, Uint8Array][] = [
    ['1454 octets', tcpFrame({ ...here, payload: new Uint8Array(1400) })],
    ['UDP in a VLAN', udpFrame({ ...here, tags: [5] })],
    ['ARP', arpFrame({ senderIp: here.src, targetIp: here.dst })],
    ['UDP over IPv6', ipv6Frame(17, new Uint8Array(8), { src: [1, 2, 3, 4], dst: [5, 6, 7, 8] })],
  ];
  return Promise.resolve({
    name: 'packet-extract',
    value: extraction(segment),
    unit: 'ns',
    against: others.map(([name, bytes]) => ({ name, value: extraction(bytes) })),
  });
}

function extraction(bytes: Uint8Array): number {
  const words = new Uint32Array(KEY_WORDS);
  const layers = new Layers();
  const work = (): void => {
    for (let n = 0; n < PACKETS; n++) extract(bytes, bytes.length, bytes.length, p1, words, layers);
  };
  return bestNanos({ count: PIECES, times: PACKETS, work });
}

/** Nanoseconds for what a router does to a frame: both addresses and the TTL rewritten in a copy; beside it, the bare copy. */
export function packetRewrite(): Promise<BenchResult> {
  const frame = frameOf(segment);
  const origin = wordsOf(frame, p1);
  const wanted = wordsOf(
    frameOf(tcpFrame({ ...here, ttl: 63, ethSrc: mac`02:00:00:00:00:01`, ethDst: mac`02:00:00:00:00:02` })),
    p1,
  );
  const rewrite = rewriteOf(origin, wanted, ETH_DST | ETH_SRC | (TTL & ~FRAGMENT), TTL);
  const out = new Uint8Array(segment.length + REWRITE_ROOM);
  const rewriting = (what: typeof rewrite): number => {
    const work = (): void => {
      for (let n = 0; n < PACKETS; n++) applyRewrite(what, segment, segment.length, frame.layers, out, 0);
    };
    return bestNanos({ count: PIECES, times: PACKETS, work });
  };
  const value = rewriting(rewrite);
  return Promise.resolve({
    name: 'packet-rewrite',
    value,
    unit: 'ns',
    against: [{ name: 'copy', value: rewriting(undefined) }],
  });
}
