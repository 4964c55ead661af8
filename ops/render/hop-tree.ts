import type { TraceHop } from '../../datapath/trace/packet-trace.ts';

/** A hop and those that came of it: more than one behind a flood. */
export interface HopNode {
  readonly hop: TraceHop;
  readonly next: readonly HopNode[];
}

/** The list of hops as the tree that it is. A parent that is not in the list makes a hop a root: nothing is lost. */
export function hopTree(hops: readonly TraceHop[]): readonly HopNode[] {
  const nodes = new Map<number, { readonly hop: TraceHop; readonly next: HopNode[] }>();
  const roots: HopNode[] = [];
  for (const hop of hops) {
    const node = { hop, next: [] };
    nodes.set(hop.hop, node);
    const parent = hop.parent === undefined ? undefined : nodes.get(hop.parent);
    (parent?.next ?? roots).push(node);
  }
  return roots;
}

/** The hops where a branch ends, below and including this one. */
export function endsOf(node: HopNode): readonly TraceHop[] {
  return node.next.length === 0 ? [node.hop] : node.next.flatMap(endsOf);
}
