import { frameOf } from '../../actors/frame-of.ts';
import { ACTIONS_LIKENESS } from '../../datapath/flow-actions.ts';
import { FlowTable } from '../../datapath/flow-table/flow-table.ts';
import { millisOf } from '../../topology/model/time.ts';
import { bestNanos, bestNanosAwaited, type BenchResult } from './bench-result.ts';
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
const ROUNDS = 7;

/**
 * Simulations a second by way of port, bridge, port, router, port, bridge, port, each of a packet that no flow serves, flow
 * inserted: real actors with many packets in flight; beside them one packet at a time, and the same by plain calls.
 */
export async function miss7Hops(): Promise<BenchResult> {
  const frames = Array.from({ length: PACKETS }, (_, n) =>
    routedFrame(n, { from: 'left', to: receiverAddress(n % RECEIVERS) }),
  );
  const many = await byActors(frames, IN_FLIGHT);
  const one = await byActors(frames, 1);
  const plain = byPlainCalls(frames);
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

async function byActors(frames: readonly Uint8Array[], inFlight: number): Promise<number> {
  const outcomes = { forwarded: 0, other: 0 };
  const network = await openNetwork(
    { decided: (_packet, { kind }) => void outcomes[kind === 'forwarded' ? 'forwarded' : 'other']++ },
    { flowCapacity: CAPACITY },
  );
  await introduceSenders(network, frames);
  const before = network.agent.counts.simulations;
  const nanos = await bestNanosAwaited(
    {
      count: frames.length / PIECE,
      times: PIECE,
      work: (piece) => play(network, frames.slice(piece * PIECE, (piece + 1) * PIECE), inFlight),
    },
    ROUNDS,
  );
  const { simulations, hits } = network.agent.counts;
  if (outcomes.other > 0 || hits > 0 || simulations - before !== ROUNDS * frames.length) {
    throw new Error(`${outcomes.other} not forwarded, ${hits} hits, ${simulations - before} simulations`);
  }
  await network.agent.close();
  return nanos;
}

/** Lets each sender be learned, and every device start. */
async function introduceSenders(network: BenchNetwork, frames: readonly Uint8Array[]): Promise<void> {
  await play(network, frames.slice(0, SENDERS), 1);
  network.agent.flows.clear(network.time.now());
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
    passTime(time, inFlight / 256);
  }
}

function byPlainCalls(frames: readonly Uint8Array[]): number {
  const flows = new FlowTable({ capacity: CAPACITY, actions: ACTIONS_LIKENESS });
  const network = new PlainNetwork(flows);
  let now = 0;
  const work = (piece: number): void => {
    for (let at = piece * PIECE; at < (piece + 1) * PIECE; at++) {
      const bytes = frames[at];
      if (bytes === undefined) return;
      const frame = frameOf(bytes, bytes.length, INGRESS);
      const { outcome } = network.simulate(frame, frame.words, millisOf(now));
      if (outcome.kind !== 'forwarded') throw new Error(outcome.kind);
      now += 1 / 256;
    }
  };
  const nanos = bestNanos({ count: frames.length / PIECE, times: PIECE, work }, ROUNDS);
  if (flows.size !== CAPACITY) throw new Error(`${flows.size} flows`);
  return nanos;
}
