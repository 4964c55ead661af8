import type { GraphLink, GraphNode } from './network-graph.ts';

/** A link that leads downwards: from the layer of `upper` to a deeper one. */
export interface DownLink {
  readonly upper: number;
  readonly lower: number;
  /** Its number among the graph's links. */
  readonly link: number;
}

/** A connected part of a graph in layers, uplinks above. Nodes by number. */
export interface Layering {
  readonly layerOf: ReadonlyMap<number, number>;
  readonly downLinks: readonly DownLink[];
  /** All nodes, each before those that hang on it: a walk into the depth. */
  readonly walk: readonly number[];
}

/** Looking at more of them for a root would take longer than it is worth. */
const MOST_CANDIDATES = 200;

interface Neighbour {
  readonly node: number;
  readonly link: number;
}

/**
 * Puts each connected part of a graph in layers such that no link joins two nodes of one layer, and no layer is much wider than
 * asked: what finds no room goes further down.
 *
 * @param widths of the nodes
 * @see Coffman and Graham's layering (as in Battista et al., Graph Drawing, section 9.1.2), with widths instead of a number
 */
export function layeringsOf(
  nodes: readonly GraphNode[],
  links: readonly GraphLink[],
  widths: readonly number[],
  widthFor: (nodes: readonly number[]) => number,
): readonly Layering[] {
  const neighbours = nodes.map((): Neighbour[] => []);
  for (const [link, { from, to }] of links.entries()) {
    neighbours[from.node]?.push({ node: to.node, link });
    neighbours[to.node]?.push({ node: from.node, link });
  }
  const seen = new Set<number>();
  const layerings: Layering[] = [];
  for (const start of nodes.keys()) {
    if (seen.has(start)) continue;
    const part = partOf(start, neighbours);
    for (const node of part) seen.add(node);
    layerings.push(layeringOf(part, nodes, neighbours, widths, widthFor(part)));
  }
  return layerings;
}

/** All that is connected to a node, in the order of the nodes. */
function partOf(start: number, neighbours: readonly (readonly Neighbour[])[]): readonly number[] {
  const part = new Set([start]);
  for (const node of part) for (const next of neighbours[node] ?? []) part.add(next.node);
  return [...part].toSorted((a, b) => a - b);
}

function layeringOf(
  part: readonly number[],
  nodes: readonly GraphNode[],
  neighbours: readonly (readonly Neighbour[])[],
  widths: readonly number[],
  width: number,
): Layering {
  const depths = depthsFrom(rootsOf(part, nodes, neighbours), neighbours);
  const depth = (node: number): number => depths.get(node) ?? 0;
  const turn = turnsOf(part, neighbours);
  const order = part.toSorted((a, b) => depth(a) - depth(b) || turn(a) - turn(b) || a - b);
  const rank = new Map(order.map((node, at) => [node, at]));
  const isAbove = (a: number, b: number): boolean => (rank.get(a) ?? 0) < (rank.get(b) ?? 0);

  const layerOf = new Map<number, number>();
  const taken: number[] = [];
  for (const node of order) {
    const above = (neighbours[node] ?? []).filter((next) => isAbove(next.node, node));
    let layer = above.reduce((deepest, next) => Math.max(deepest, (layerOf.get(next.node) ?? 0) + 1), 0);
    const own = (widths[node] ?? 0) + 40;
    while ((taken[layer] ?? 0) > 0 && (taken[layer] ?? 0) + own > width) layer += 1;
    taken[layer] = (taken[layer] ?? 0) + own;
    layerOf.set(node, layer);
  }
  // An uplink stands right above its router, wherever that has come to stand.
  for (const node of order) {
    const [only] = neighbours[node] ?? [];
    if (nodes[node]?.kind === 'uplink' && only !== undefined) layerOf.set(node, (layerOf.get(only.node) ?? 1) - 1);
  }
  return closeGaps({
    layerOf,
    downLinks: order.flatMap((upper) =>
      (neighbours[upper] ?? [])
        .filter(({ node }) => isAbove(upper, node))
        .map(({ node: lower, link }) => ({ upper, lower, link })),
    ),
    walk: walkFrom(order, neighbours),
  });
}

/**
 * When, among nodes equally deep, a node takes its place. Those that others hang on come first, so that their subtrees begin as
 * high as they may. Of leaves each parent's first ones come before any parent's last: where they take several layers, all
 * parents' leaves do so, and stand below them in blocks.
 */
function turnsOf(part: readonly number[], neighbours: readonly (readonly Neighbour[])[]): (node: number) => number {
  const leaves = new Map<number, number[]>();
  for (const node of part) {
    const [parent, ...others] = neighbours[node] ?? [];
    if (parent === undefined || others.length > 0) continue;
    const siblings = leaves.get(parent.node);
    if (siblings === undefined) leaves.set(parent.node, [node]);
    else siblings.push(node);
  }
  const turns = new Map<number, number>();
  for (const siblings of leaves.values()) {
    for (const [at, node] of siblings.entries()) turns.set(node, (at + 1) / siblings.length);
  }
  return (node) => turns.get(node) ?? 0;
}

/** Uplinks are roots; without any, the router from which the way is shortest to the farthest node, or else the bridge. */
function rootsOf(
  part: readonly number[],
  nodes: readonly GraphNode[],
  neighbours: readonly (readonly Neighbour[])[],
): readonly number[] {
  const uplinks = part.filter((node) => nodes[node]?.kind === 'uplink');
  if (uplinks.length > 0) return uplinks;
  const routers = part.filter((node) => nodes[node]?.kind === 'router');
  let best: { readonly root: number; readonly depth: number; readonly links: number } | undefined;
  for (const root of (routers.length > 0 ? routers : part).slice(0, MOST_CANDIDATES)) {
    const depth = Math.max(...depthsFrom([root], neighbours).values());
    const links = neighbours[root]?.length ?? 0;
    if (best === undefined || depth < best.depth || (depth === best.depth && links > best.links)) {
      best = { root, depth, links };
    }
  }
  return best === undefined ? [] : [best.root];
}

function depthsFrom(
  roots: readonly number[],
  neighbours: readonly (readonly Neighbour[])[],
): ReadonlyMap<number, number> {
  const depths = new Map(roots.map((root) => [root, 0]));
  for (const [node, depth] of depths) {
    for (const next of neighbours[node] ?? []) if (!depths.has(next.node)) depths.set(next.node, depth + 1);
  }
  return depths;
}

function walkFrom(order: readonly number[], neighbours: readonly (readonly Neighbour[])[]): readonly number[] {
  const walk = new Set<number>();
  for (const root of order) {
    const stack = [root];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (walk.has(node)) continue;
      walk.add(node);
      stack.push(...(neighbours[node] ?? []).map((next) => next.node).toReversed());
    }
  }
  return [...walk];
}

/** Layers that uplinks have left empty go. */
function closeGaps({ layerOf, downLinks, walk }: Layering): Layering {
  const used = [...new Set(layerOf.values())].toSorted((a, b) => a - b);
  const closed = new Map(used.map((layer, at) => [layer, at]));
  return { layerOf: new Map([...layerOf].map(([node, layer]) => [node, closed.get(layer) ?? 0])), downLinks, walk };
}
