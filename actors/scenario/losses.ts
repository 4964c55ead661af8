import type { PacketTrace, TraceHop, TraceStep } from '../../datapath/trace/packet-trace.ts';
import type { DropReason } from '../../simulation/verdict.ts';
import type { Uuid } from '../../topology/model/ids.ts';

/** Why copies that leave by a port reach nobody there; undefined where somebody takes them. */
export type RefusalAt = (port: Uuid) => DropReason | undefined;

/**
 * A story as it went on outside, where copies may reach nobody though the network did not know: each of these was dropped at the port
 * it left by, and a packet that had no other was dropped. The flow stays what it is.
 */
export function withLosses(trace: PacketTrace, refusalAt: RefusalAt): PacketTrace {
  const { way, hops, outputs, disposition } = trace;
  if (outputs.length === 0) return trace;
  const lost = new Map<string, DropReason>();
  for (const { device, id, end } of way) {
    const reason = end?.kind === 'emit' && id !== undefined ? refusalAt(id) : undefined;
    if (reason !== undefined) lost.set(device, reason);
  }
  if (lost.size === 0) return trace;
  const left = outputs.filter(({ port }) => !lost.has(port));
  const last = outputs.at(-1)?.port ?? '';
  return {
    ...trace,
    way: way.map((step) => lostStep(step, lost)),
    hops: hops.map((hop) => lostHop(hop, lost)),
    outputs: left,
    disposition: left.length === 0 ? { kind: 'dropped', reason: lost.get(last) } : disposition,
  };
}

function lostStep(step: TraceStep, lost: ReadonlyMap<string, DropReason>): TraceStep {
  const reason = step.end?.kind === 'emit' ? lost.get(step.device) : undefined;
  return reason === undefined ? step : { ...step, end: { kind: 'drop', reason } };
}

function lostHop(hop: TraceHop, lost: ReadonlyMap<string, DropReason>): TraceHop {
  const reason = hop.verdict.kind === 'emit' ? lost.get(hop.device) : undefined;
  return reason === undefined ? hop : { ...hop, verdict: { kind: 'drop', to: [], reason } };
}
