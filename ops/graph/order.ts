import type { DownLink, Layering } from './layers.ts';

/** What stands in a layer: a node, or the place where a link passes through on its way further down. */
export interface Slot {
  /** The node's number; undefined where a link passes. */
  readonly node: number | undefined;
  /** Pieces of links to the layer above and to the one below. */
  readonly up: Piece[];
  readonly down: Piece[];
  /** Its place in its layer, from the left. */
  rank: number;
}

/** The piece of a link between one layer and the next. */
export interface Piece {
  readonly link: DownLink;
  readonly upper: Slot;
  readonly lower: Slot;
}

const SWEEPS = 16;

/**
 * Orders the slots of each layer so that few links cross: by the mean place of what they are linked to, downwards and upwards in
 * turn; the best of all orders met stays.
 *
 * @see Sugiyama, Tagawa, Toda: Methods for Visual Understanding of Hierarchical System Structures, 1981 (barycentre method)
 */
export function orderedLayers(layering: Layering): readonly (readonly Slot[])[] {
  let layers: readonly (readonly Slot[])[] = slotsOf(layering);
  let best = layers;
  let fewest = crossingsOf(layers);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    const isDown = sweep % 2 === 0;
    layers = layers.map((layer) => [...layer]);
    const turn = isDown ? layers : layers.toReversed();
    const sorted = turn.map((layer) => ranked(layer.toSorted((a, b) => meanOf(a, isDown) - meanOf(b, isDown))));
    layers = isDown ? sorted : sorted.toReversed();
    const crossings = crossingsOf(layers);
    if (crossings < fewest) {
      fewest = crossings;
      best = layers;
    }
  }
  for (const layer of best) ranked(layer);
  return best;
}

function slotsOf({ layerOf, downLinks, walk }: Layering): Slot[][] {
  const layers: Slot[][] = [];
  const put = (layer: number, node: number | undefined): Slot => {
    const slots = (layers[layer] ??= []);
    const slot: Slot = { node, up: [], down: [], rank: slots.length };
    slots.push(slot);
    return slot;
  };
  const byNode = new Map<number, Slot>();
  const linksOf = new Map<number, DownLink[]>();
  for (const link of downLinks) {
    const of = linksOf.get(link.upper);
    if (of === undefined) linksOf.set(link.upper, [link]);
    else of.push(link);
  }
  for (const node of walk) byNode.set(node, put(layerOf.get(node) ?? 0, node));
  for (const node of walk) {
    for (const link of linksOf.get(node) ?? []) {
      const lower = byNode.get(link.lower);
      let upper = byNode.get(node);
      if (upper === undefined || lower === undefined) continue;
      for (let layer = (layerOf.get(node) ?? 0) + 1; layer < (layerOf.get(link.lower) ?? 0); layer++) {
        const through = put(layer, undefined);
        join(link, upper, through);
        upper = through;
      }
      join(link, upper, lower);
    }
  }
  return layers;
}

function join(link: DownLink, upper: Slot, lower: Slot): void {
  const piece = { link, upper, lower };
  upper.down.push(piece);
  lower.up.push(piece);
}

function ranked(layer: readonly Slot[]): readonly Slot[] {
  for (const [rank, slot] of layer.entries()) slot.rank = rank;
  return layer;
}

/** The mean place of what a slot is linked to above, or below; its own where that is nothing. */
function meanOf(slot: Slot, isDown: boolean): number {
  const ranks = isDown ? slot.up.map(({ upper }) => upper.rank) : slot.down.map(({ lower }) => lower.rank);
  return ranks.length === 0 ? slot.rank : ranks.reduce((sum, rank) => sum + rank, 0) / ranks.length;
}

function crossingsOf(layers: readonly (readonly Slot[])[]): number {
  for (const layer of layers) ranked(layer);
  let crossings = 0;
  for (const layer of layers) {
    const pieces = layer.flatMap(({ down }) => down.map(({ upper, lower }) => [upper.rank, lower.rank] as const));
    for (const [at, [upper, lower]] of pieces.entries()) {
      for (const [otherUpper, otherLower] of pieces.slice(at + 1)) {
        if ((upper - otherUpper) * (lower - otherLower) < 0) crossings += 1;
      }
    }
  }
  return crossings;
}
