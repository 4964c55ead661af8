import { frameOf } from '../../actors/frame-of.ts';
import { ACTIONS_CODEC } from '../../datapath/action-words.ts';
import { FlowTable } from '../../datapath/flow-table/flow-table.ts';
import { millisOf } from '../../topology/model/time.ts';
import { bestNanosOfEach, type BenchResult } from './bench-result.ts';
import {
  openNetwork,
  passTime,
  RECEIVERS,
  receiverAddress,
  routedFrame,
  SENDERS,
  type BenchNetwork,
} from './bench-network.ts';
import { INGRESS, PlainNetwork } from './plain-network.ts';

/** Packets of one round: far more than flows that the table holds, so that each is a miss again in the next. */
const PACKETS = 40_000;
const CAPACITY = 10_000;
const PIECE = 4000;
const IN_FLIGHT = 256;
/** How fast time passes. */
const PACKETS_A_MILLI = 256;
const ROUNDS = 7;

/**
 * Simulations a second by way of port, bridge, port, router, port, bridge, port, each of a packet that no flow serves, flow
 * inserted: real actors with many packets in flight; beside them one packet at a time, and the same by plain calls. All take turns.
 */
export async function miss7Hops(): Promise<BenchResult> {
  const frames = Array.from({ length: PACKETS }, (_, n) =>
    routedFrame(n, { from: 'left', to: receiverAddress(n % RECEIVERS) }),
  );
  const crowd = await actors(frames, IN_FLIGHT);
  const queue = await actors(frames, 1);
  const [many = NaN, one = NaN, plain = NaN] = await bestNanosOfEach(
    { count: PACKETS / PIECE, times: PIECE },
    [crowd.play, queue.play, plainCalls(frames)],
    ROUNDS,
  );
  await crowd.close();
  await queue.close();
  return {
    name: 'miss-7-hops',
    value: 1e9 / many,
    unit: 'simulations/s',
    against: [
      { name: 'one at a time', value: 1e9 / one },
      { name: 'plain calls', value: 1e9 / plain },
      { name: 'times as long as plain calls, many in flight', value: many / plain },
      { name: 'times as long as plain calls, one at a time', value: one / plain },
    ],
  };
}

/** The network of actors, every device started and every sender learned; `close` checks that each packet was simulated. */
async function actors(
  frames: readonly Uint8Array[],
  inFlight: number,
): Promise<{ play: (piece: number) => Promise<void>; close: () => Promise<void> }> {
  let others = 0;
  const network = await openNetwork(
    { decided: (_packet, { kind }) => void (kind === 'forwarded' || others++) },
    { flowCapacity: CAPACITY },
  );
  await play(network, frames.slice(0, SENDERS), 1);
  network.agent.flows.clear(network.time.now());
  const before = network.agent.counts.simulations;
  return {
    play: (piece) => play(network, frames.slice(piece * PIECE, (piece + 1) * PIECE), inFlight),
    close: async () => {
      const { simulations, hits } = network.agent.counts;
      await network.agent.close();
      if (others === 0 && hits === 0 && simulations - before === ROUNDS * PACKETS) return;
      throw new Error(`${others} not forwarded, ${hits} hits, ${simulations - before} simulations`);
    },
  };
}

async function play(
  { agent, time, ports }: BenchNetwork,
  frames: readonly Uint8Array[],
  inFlight: number,
): Promise<void> {
  for (let at = 0; at < frames.length; at += inFlight) {
    for (const bytes of frames.slice(at, at + inFlight)) {
      agent.receive({ packet: agent.nextPacket(), bytes, wireLength: bytes.length, port: ports.left });
    }
    // oxlint-disable-next-line eslint/no-await-in-loop -- a burst after the other
    await agent.settled();
    passTime(time, inFlight / PACKETS_A_MILLI);
  }
}

function plainCalls(frames: readonly Uint8Array[]): (piece: number) => void {
  const network = new PlainNetwork(new FlowTable({ capacity: CAPACITY, actions: ACTIONS_CODEC }));
  let now = 0;
  return (piece) => {
    for (const bytes of frames.slice(piece * PIECE, (piece + 1) * PIECE)) {
      const frame = frameOf(bytes, bytes.length, INGRESS);
      const { outcome } = network.simulate(frame, frame.words, millisOf(now));
      if (outcome.kind !== 'forwarded') throw new Error(outcome.kind);
      now += 1 / PACKETS_A_MILLI;
    }
  };
}
