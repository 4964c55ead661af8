import type { Outcome } from '../simulation/outcome.ts';
import type { Emission, Simulation } from '../simulation/packet/packet.ts';
import { rewriteOf, type Rewrite } from '../simulation/packet/rewrite.ts';
import type { Likeness } from './flow-table/shared-values.ts';
import { isSameTunnel, type Tunnel } from '../simulation/tunnel.ts';
import type { PortId } from '../topology/model/ids.ts';

/** One copy of a packet: what it becomes, and where it leaves. Every copy starts from the packet as it came. */
export interface FlowOutput {
  readonly port: PortId;
  /** Undefined: as it came. */
  readonly rewrite: Rewrite | undefined;
  /** The largest IP packet that this way takes; Infinity when nothing limits it. */
  readonly mtu: number;
  /** How it gets to the port's host, when that is another one. */
  readonly tunnel: Tunnel | undefined;
}

/** What a flow does with every packet that matches it. Without outputs: dropped. */
export interface FlowActions {
  readonly outputs: readonly FlowOutput[];
  readonly outcome: Outcome;
}

/**
 * The actions that a simulation came to.
 *
 * @param simulation ended: what it saw in all decides which rewrites are needed, for what was seen and already had the value wished
 *   for needs none (C36)
 * @param emissions in the order of their branches
 */
export function actionsOf(simulation: Simulation, emissions: readonly Emission[], outcome: Outcome): FlowActions {
  const { origin, seen } = simulation;
  return {
    outputs: emissions.map(({ port, words, written, mtu, tunnel }) => ({
      port,
      mtu,
      tunnel,
      rewrite: written === 0 ? undefined : rewriteOf(origin, words, written, seen),
    })),
    outcome,
  };
}

/** How the flow table tells actions apart: those that do the same to every packet are kept once. */
export const ACTIONS_LIKENESS: Likeness<FlowActions> = {
  hash: ({ outputs, outcome }) => {
    let hash = outcome.kind.length + (outcome.reason?.length ?? 0);
    for (const { port, rewrite } of outputs) {
      hash = Math.imul(hash ^ port, 0x85eb_ca6b);
      if (rewrite === undefined) continue;
      hash = hashOf(rewrite.words, hash);
    }
    return hash;
  },
  equals: (a, b) =>
    a.outcome.kind === b.outcome.kind &&
    a.outcome.reason === b.outcome.reason &&
    a.outputs.length === b.outputs.length &&
    a.outputs.every((output, at) => doesTheSame(output, b.outputs[at])),
};

function doesTheSame(a: FlowOutput, b: FlowOutput | undefined): boolean {
  if (a.port !== b?.port || a.mtu !== b.mtu || a.rewrite?.fields !== b.rewrite?.fields) return false;
  if (!isSameTunnel(a.tunnel, b.tunnel)) return false;
  return a.rewrite === undefined || b.rewrite === undefined || areEqual(a.rewrite.words, b.rewrite.words);
}

function hashOf(words: ArrayLike<number>, start: number): number {
  let hash = start;
  for (let at = 0; at < words.length; at++) hash = Math.imul(hash ^ (words[at] ?? 0), 0xc2b2_ae35) ^ (hash >>> 15);
  return hash;
}

function areEqual(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}
