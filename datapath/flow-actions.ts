import type { Outcome } from '../simulation/outcome.ts';
import type { Emission, Simulation } from '../simulation/packet/packet.ts';
import { rewriteOf, type Rewrite } from '../simulation/packet/rewrite.ts';
import type { Tunnel } from '../simulation/tunnel.ts';
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
