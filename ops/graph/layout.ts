import { assemble, type Part } from './assemble.ts';
import { CARD, cardsOf, chipWidth, type Card } from './card.ts';
import { cardShapeOf, portShapeOf } from './card-shape.ts';
import { layeringsOf, type DownLink, type Layering } from './layers.ts';
import type { GraphEnd, GraphLink, GraphNode, NetworkGraph } from './network-graph.ts';
import { orderedLayers, type Piece, type Slot } from './order.ts';
import { placeRow } from './place-row.ts';
import type { CardShape, LineShape, Point, PortShape, Scene } from './scene.ts';

/** Between lines that pass, what a card keeps free besides on either side, between layers. */
const GAP = { line: 16, card: 12, layer: 56 } as const;
const PASSES = 24;
/** How much heavier the wish of a passing line to be straight is than a card's. */
const STRAIGHT = 8;

/**
 * Lays a network out: uplinks above, then layer by layer what hangs on them; ports stand on the borders of their devices, and
 * lines bend between layers only, so that none crosses a card. The same network gives the same drawing.
 */
export function layOut(graph: NetworkGraph): Scene {
  const cards = cardsOf(graph);
  const area = (nodes: readonly number[]): number => nodes.reduce((sum, node) => sum + areaOf(cards[node]), 0);
  const widthFor = (nodes: readonly number[]): number => Math.max(1100, Math.sqrt(area(nodes) * 2.2));
  const widths = cards.map(({ width }) => width);
  const parts = layeringsOf(graph.nodes, graph.links, widths, widthFor).map((layering) =>
    new PartLayout(layering, cards, graph).layOut(),
  );
  return assemble(graph, parts, widthFor([...graph.nodes.keys()]));
}

function areaOf(card: Card | undefined): number {
  return card === undefined ? 0 : (card.width + 40) * (card.height + GAP.layer);
}

/** A layer's upper and lower edge. */
interface Band {
  readonly top: number;
  readonly bottom: number;
}

class PartLayout {
  readonly #cards: readonly Card[];
  readonly #graph: NetworkGraph;
  readonly #layers: readonly (readonly Slot[])[];
  /** Where a slot has its middle. */
  readonly #middle = new Map<Slot, number>();
  /** Where, from the middle of its card, a port stands on the border. */
  readonly #offsets = new Map<Slot, Map<Piece, number>>();

  constructor(layering: Layering, cards: readonly Card[], graph: NetworkGraph) {
    this.#cards = cards;
    this.#graph = graph;
    this.#layers = orderedLayers(layering);
    for (const slot of this.#layers.flat()) {
      const offsets = new Map<Piece, number>();
      this.#spread(slot, slot.up, offsets, ({ upper }) => upper.rank);
      this.#spread(slot, slot.down, offsets, ({ lower }) => lower.rank);
      this.#offsets.set(slot, offsets);
    }
  }

  layOut(): Part {
    this.#placeAcross();
    const slots = this.#layers.flat();
    const left = Math.min(...slots.map((slot) => this.#middleOf(slot) - this.#widthOf(slot) / 2));
    for (const slot of slots) this.#middle.set(slot, Math.round(this.#middleOf(slot) - left));
    const bands = this.#bands();
    const cards = this.#layers.flatMap((layer, at) => layer.flatMap((slot) => this.#shapesOf(slot, bands[at])));
    const lines = slots.flatMap((slot) =>
      slot.node === undefined ? [] : slot.down.map((piece) => this.#line(slot, piece, bands)),
    );
    const right = Math.max(...slots.map((slot) => this.#middleOf(slot) + this.#widthOf(slot) / 2));
    return { width: right + 1, height: bands.at(-1)?.bottom ?? 0, cards, lines };
  }

  /** Spreads the ports of one border over it, in the order of what they are linked to. */
  #spread(slot: Slot, pieces: readonly Piece[], offsets: Map<Piece, number>, rankOf: (piece: Piece) => number): void {
    const sorted = pieces.toSorted((a, b) => rankOf(a) - rankOf(b));
    const widths = sorted.map((piece) => this.#portWidth(slot, piece.link));
    const free = this.#widthOf(slot) - widths.reduce((sum, width) => sum + width, 0);
    const gap = free / (sorted.length + 1);
    let x = -this.#widthOf(slot) / 2;
    for (const [at, piece] of sorted.entries()) {
      const width = widths[at] ?? 0;
      offsets.set(piece, slot.node === undefined ? 0 : x + gap + width / 2);
      x += gap + width;
    }
  }

  #placeAcross(): void {
    for (const layer of this.#layers) {
      const start = placeRow(
        layer.map((slot) => ({ width: this.#roomOf(slot), wish: 0, weight: 1 })),
        GAP.line,
      );
      for (const [at, slot] of layer.entries()) this.#middle.set(slot, start[at] ?? 0);
    }
    for (let pass = 0; pass < PASSES; pass++) {
      const layers = pass % 2 === 0 ? this.#layers : this.#layers.toReversed();
      for (const layer of layers) {
        const row = layer.map((slot) => ({
          width: this.#roomOf(slot),
          wish: this.#wishOf(slot, pass),
          weight: slot.node === undefined ? STRAIGHT : 1 + slot.up.length + slot.down.length,
        }));
        for (const [at, x] of placeRow(row, GAP.line).entries()) {
          const slot = layer[at];
          if (slot !== undefined) this.#middle.set(slot, x);
        }
      }
    }
  }

  /** Where its lines would be straight, on the whole; first those to the layer just placed, at last all of them. */
  #wishOf(slot: Slot, pass: number): number {
    const isLate = pass >= PASSES / 2;
    const up = isLate || pass % 2 === 0 ? slot.up : [];
    const down = isLate || pass % 2 === 1 ? slot.down : [];
    const wishes = [
      ...up.map((piece) => this.#endOf(piece.upper, piece) - this.#offsetOf(slot, piece)),
      ...down.map((piece) => this.#endOf(piece.lower, piece) - this.#offsetOf(slot, piece)),
    ];
    if (wishes.length === 0) return this.#middleOf(slot);
    return wishes.reduce((sum, wish) => sum + wish, 0) / wishes.length;
  }

  #bands(): readonly Band[] {
    let top: number = CARD.port / 2;
    return this.#layers.map((layer) => {
      const height = Math.max(...layer.map((slot) => this.#cardOf(slot)?.height ?? 0));
      const band = { top, bottom: top + height + CARD.port / 2 };
      const pieces = layer.reduce((sum, { down }) => sum + down.length, 0);
      top = band.bottom + GAP.layer + 3 * Math.min(pieces, 20) + CARD.port / 2;
      return band;
    });
  }

  #shapesOf(slot: Slot, band: Band | undefined): readonly CardShape[] {
    const card = this.#cardOf(slot);
    if (card === undefined || band === undefined) return [];
    const x = this.#middleOf(slot) - card.width / 2;
    // What stands above a router stands near to it.
    const y = card.node.kind === 'uplink' ? band.bottom - CARD.port / 2 - card.height : band.top;
    const ports: PortShape[] = [];
    for (const piece of [...slot.up, ...slot.down]) {
      const { port } = this.#graphEnd(slot, piece.link);
      const middle = { x: this.#endOf(slot, piece), y: piece.lower === slot ? y : y + card.height };
      if (port !== undefined) ports.push(portShapeOf(port, card.portStyle, middle));
    }
    return [cardShapeOf(card, { x, y }, ports)];
  }

  /** From port to port. Within a layer it runs straight down, beside cards or from one; between layers it bends. */
  #line(slot: Slot, first: Piece, bands: readonly Band[]): LineShape {
    const layer = this.#layers.findIndex((slots) => slots.includes(slot));
    const card = this.#cardOf(slot);
    const band = bands[layer];
    const start =
      card?.node.kind === 'uplink' ? (band?.bottom ?? 0) - CARD.port / 2 : (band?.top ?? 0) + (card?.height ?? 0);
    const points: Point[] = [{ x: this.#endOf(slot, first), y: start }];
    let piece: Piece | undefined = first;
    for (let at = layer; piece !== undefined; at++) {
      points.push({ x: this.#endOf(piece.upper, piece), y: bands[at]?.bottom ?? 0 });
      const isEnd: boolean = piece.lower.node !== undefined;
      const top = bands[at + 1]?.top ?? 0;
      points.push({ x: this.#endOf(piece.lower, piece), y: isEnd ? top : top - CARD.port / 2 });
      piece = isEnd ? undefined : piece.lower.down[0];
    }
    const link = this.#graph.links[first.link.link];
    return { points, isDown: isDown(link), title: titleOf(link, this.#graph.nodes) };
  }

  #graphEnd(slot: Slot, { link }: DownLink): GraphEnd {
    const { from, to } = this.#graph.links[link] ?? { from: NOWHERE, to: NOWHERE };
    return from.node === slot.node ? from : to;
  }

  #portWidth(slot: Slot, link: DownLink): number {
    const style = this.#cardOf(slot)?.portStyle ?? 'dots';
    return slot.node === undefined ? 0 : chipWidth(this.#graphEnd(slot, link).port, style);
  }

  #cardOf({ node }: Slot): Card | undefined {
    return node === undefined ? undefined : this.#cards[node];
  }

  #widthOf(slot: Slot): number {
    return this.#cardOf(slot)?.width ?? 0;
  }

  #roomOf(slot: Slot): number {
    return slot.node === undefined ? 0 : this.#widthOf(slot) + 2 * GAP.card;
  }

  #middleOf(slot: Slot): number {
    return this.#middle.get(slot) ?? 0;
  }

  #offsetOf(slot: Slot, piece: Piece): number {
    return this.#offsets.get(slot)?.get(piece) ?? 0;
  }

  /** Where a piece of a link meets a slot. */
  #endOf(slot: Slot, piece: Piece): number {
    return this.#middleOf(slot) + this.#offsetOf(slot, piece);
  }
}

const NOWHERE: GraphEnd = { node: -1, port: undefined };

function isDown(link: GraphLink | undefined): boolean {
  return link?.from.port?.isDown === true || link?.to.port?.isDown === true;
}

function titleOf(link: GraphLink | undefined, nodes: readonly GraphNode[]): string {
  if (link === undefined) return '';
  const [from, to] = [link.from, link.to].map(({ node, port }) => {
    const name = nodes[node]?.name ?? '';
    return port === undefined ? name : `${name}:${port.name}`;
  });
  return `${from} – ${to}`;
}
