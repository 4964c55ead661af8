import type { GraphNode, NetworkGraph } from './network-graph.ts';
import type { CardShape, Label, LineShape, Point, Rect, Scene } from './scene.ts';
import { cut, textWidth } from './text-size.ts';
import { count } from '../render/count.ts';

const MARGIN = 32;
const HEADLINE = 48;
/** Between parts that are not connected. */
const PART_GAP = 64;

/** One connected part in its place: its upper left corner is at 0, 0. */
export interface Part {
  readonly width: number;
  readonly height: number;
  readonly cards: readonly CardShape[];
  readonly lines: readonly LineShape[];
}

/** Sets parts side by side and in rows, under a headline. */
export function assemble(graph: NetworkGraph, parts: readonly Part[], target: number): Scene {
  const room = Math.max(target, ...parts.map(({ width }) => width));
  const cards: CardShape[] = [];
  const lines: LineShape[] = [];
  const headline = headlineOf(graph);
  let [x, y, rowHeight, right] = [0, 0, 0, 0];
  for (const part of parts) {
    if (x > 0 && x + part.width > room) [x, y, rowHeight] = [0, y + rowHeight + PART_GAP, 0];
    const by = { x: x + MARGIN, y: y + MARGIN + HEADLINE };
    cards.push(...part.cards.map((card) => movedCard(card, by)));
    lines.push(...part.lines.map((line) => ({ ...line, points: line.points.map((point) => moved(point, by)) })));
    right = Math.max(right, x + part.width);
    rowHeight = Math.max(rowHeight, part.height);
    x += part.width + PART_GAP;
  }
  const width = Math.max(right, ...headline.map(({ room: { width: needed } }) => needed)) + 2 * MARGIN;
  return { width, height: y + rowHeight + 2 * MARGIN + HEADLINE, labels: headline, cards, lines };
}

function headlineOf({ name, nodes, links }: NetworkGraph): readonly Label[] {
  const title = cut(name ?? 'topology', 60);
  const number = (kind: GraphNode['kind']): number => nodes.filter((node) => node.kind === kind).length;
  const counts: readonly (readonly [number, string])[] = [
    [number('bridge'), 'bridge'],
    [number('router'), 'router'],
    [links.length - number('uplink'), 'link'],
    [number('uplink'), 'uplink'],
  ];
  const parts = counts.filter(([some]) => some > 0).map(([some, thing]) => count(some, thing));
  const text = parts.length === 0 ? 'nothing in it' : parts.join(' · ');
  const [headline, remark] = [textWidth(title, 'headline'), textWidth(text, 'remark')];
  return [
    {
      text: title,
      style: 'headline',
      at: { x: MARGIN, y: MARGIN + 16 },
      anchor: 'start',
      room: { x: MARGIN, y: MARGIN - 6, width: headline, height: 26 },
    },
    {
      text,
      style: 'remark',
      at: { x: MARGIN, y: MARGIN + 35 },
      anchor: 'start',
      room: { x: MARGIN, y: MARGIN + 23, width: remark, height: 16 },
    },
  ];
}

function movedCard(card: CardShape, by: Point): CardShape {
  return {
    ...card,
    ...moved(card, by),
    labels: card.labels.map((label) => movedLabel(label, by)),
    ports: card.ports.map((port) => ({
      ...port,
      ...moved(port, by),
      label: port.label === undefined ? undefined : movedLabel(port.label, by),
    })),
  };
}

function movedLabel(label: Label, by: Point): Label {
  return { ...label, at: moved(label.at, by), room: movedRect(label.room, by) };
}

function movedRect(rect: Rect, by: Point): Rect {
  return { ...rect, ...moved(rect, by) };
}

function moved({ x, y }: Point, by: Point): Point {
  return { x: x + by.x, y: y + by.y };
}
