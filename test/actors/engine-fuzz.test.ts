import { deepEqual, equal, ok } from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CaptureError } from '../../datapath/capture/capture-error.ts';
import { CaptureDecoder } from '../../datapath/capture/capture-format.ts';
import { putMac } from '../../simulation/packet/arp.ts';
import { put32 } from '../../simulation/packet/octets.ts';
import { capturePath, KNOWN } from '../captures/known.ts';
import { decode } from '../datapath/capture/blocks.ts';
import { Chance, mutate } from '../datapath/capture/mutate.ts';
import { ip, mac } from '../simulation/packets.ts';
import { mutateFrame } from './mutate-frame.ts';
import { Network } from './network.ts';
import { OFFICE, play, scenarioOf, topologyOf } from './scenario/played.ts';

/**
 * Damaged captures and damaged frames, through the whole engine. Each seed is a network of its own, so that one that failed can be tried
 * again alone, once `npm run build` has built it: ENGINE_FUZZ_SEED=1234 npx mocha --no-config dist/test/actors/engine-fuzz.test.js.
 * ENGINE_FUZZ_RUNS=100000 tries more.
 */
const RUNS = Number(process.env['ENGINE_FUZZ_RUNS'] ?? 300);
const ONE = process.env['ENGINE_FUZZ_SEED'];
const ALONE = 'npx mocha --no-config dist/test/actors/engine-fuzz.test.js';
const FRAMES_EACH = 20;
const SMALL = 30_000;

const ROUTER_LAN = mac`02:00:00:00:00:01`;
const ROUTER_DMZ = mac`02:00:00:00:00:02`;
const SERVER = { port: 'dmz:server', mac: mac`02:00:00:00:00:0c`, addresses: [ip`10.0.0.9`] };
const CLIENT = { port: 'lan:in', mac: mac`02:00:00:00:00:0a`, addresses: [ip`192.168.0.9`] };

const NETWORK = OFFICE.replace('192.168.0.1/16,', '192.168.0.1/16, mac: 02:00:00:00:00:01,').replace(
  '10.0.0.1/8,',
  '10.0.0.1/8, mac: 02:00:00:00:00:02, mtu: 900,',
);

const files: readonly Buffer[] = Object.keys(KNOWN)
  .map((name) => readFileSync(capturePath(name)))
  .filter((file) => file.length < SMALL);
const frames: readonly Uint8Array[] = files.flatMap((file) =>
  decode(new CaptureDecoder(), file)
    .frames.slice(0, 20)
    .flatMap(({ bytes }) => (bytes.length < 14 ? [] : [bytes])),
);

/** Damaged frames of all captures, some of them made to concern the router, with the flow table and without. */
async function tryFrames(seed: number): Promise<void> {
  const [fast, slow] = [
    await Network.of(NETWORK, { stations: [SERVER, CLIENT] }),
    await Network.of(NETWORK, { stations: [SERVER, CLIENT], hasFlows: false }),
  ];
  const chance = new Chance(seed ^ 0xf0a3);
  /* oxlint-disable eslint/no-await-in-loop -- one packet after the other */
  try {
    let original = chance.oneOf(frames);
    for (let n = 0; n < FRAMES_EACH; n++) {
      if (chance.below(3) === 0) original = chance.oneOf(frames);
      const aimed = chance.below(4) === 0 ? original : aim(original, chance);
      const { bytes, wireLength } =
        chance.below(4) === 0 ? { bytes: aimed, wireLength: aimed.length } : mutateFrame(aimed, chance);
      const port = chance.oneOf(['lan:in', 'lan:in', 'lan:out', 'dmz:server', 'r:uplink']);
      const [one, other] = [await fast.send(port, bytes, wireLength), await slow.send(port, bytes, wireLength)];
      deepEqual(other, one);
      const wait = chance.oneOf([0, 0, 1, 700, 5000]);
      await fast.advance(wait);
      await slow.advance(wait);
    }
    await fast.advance(100_000);
    await slow.advance(100_000);
    deepEqual(slow.story(), fast.story());
    equal(fast.agent.pending, 0);
    equal(fast.ends.size, fast.agent.nextPacket() - 1);
  } finally {
    await fast.close();
    await slow.close();
  }
  /* oxlint-enable eslint/no-await-in-loop */
}

/** A frame on its way through the router, or to it. */
function aim(frame: Uint8Array, chance: Chance): Uint8Array {
  const bytes = frame.slice();
  putMac(bytes, 0, chance.oneOf([ROUTER_LAN, ROUTER_LAN, ROUTER_DMZ, SERVER.mac]));
  if (bytes.length >= 34 && bytes[12] === 8 && bytes[13] === 0) {
    put32(
      bytes,
      30,
      chance.oneOf([ip`10.0.0.9`, ip`10.0.0.9`, ip`192.168.0.1`, ip`10.0.0.1`, ip`192.168.0.9`, ip`8.8.8.8`]),
    );
    if (chance.below(2) === 0) put32(bytes, 26, ip`192.168.0.9`);
    const length = ((bytes[14] ?? 0) & 0xf) * 4;
    if (length === 20) {
      bytes[24] = 0;
      bytes[25] = 0;
      let sum = 0;
      for (let at = 14; at < 34; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
      while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
      bytes[24] = (~sum >>> 8) & 0xff;
      bytes[25] = ~sum & 0xff;
    }
  }
  return bytes;
}

const topology = topologyOf(OFFICE);

/** A damaged capture, played: it gives its sound frames and a fault with a name. */
async function tryFile(seed: number, folder: string): Promise<void> {
  const chance = new Chance(seed ^ 0xf11e);
  const { bytes } = mutate(chance.oneOf(files), seed);
  const path = join(folder, 'damaged.pcap');
  writeFileSync(path, bytes);
  const l2 = chance.oneOf(['keep', 'adapt'] as const);
  const speed = chance.oneOf([1, 1, 0.5, 3]);
  const scenario = scenarioOf(topology, path, 'lan:in', { l2, speed });
  const { wrong, end } = await play(scenario, { chunkBytes: 1 + chance.below(5000) });
  deepEqual(wrong, []);
  equal(end.pending, 0);
  for (const { cause } of end.faults) ok(cause instanceof CaptureError, String(cause));
}

async function tryOut(seed: number, folder: string): Promise<void> {
  try {
    await (seed % 2 === 0 ? tryFrames(seed) : tryFile(seed, folder));
  } catch (cause) {
    throw new Error(`seed ${seed} (try it again with ENGINE_FUZZ_SEED=${seed} ${ALONE})`, { cause });
  }
}

describe('damage, through the whole engine', () => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-fuzz-'));
  after(() => rmSync(folder, { recursive: true }));

  it('ends every frame once, with a name, the same way with the flow table and without', async () => {
    const [first, last] = ONE === undefined ? [0, RUNS] : [Number(ONE), Number(ONE) + 1];
    for (let seed = first; seed < last; seed++) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one network after the other
      await tryOut(seed, folder);
    }
  }).timeout(600_000);
});
