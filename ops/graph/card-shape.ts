import { CARD, chipText, chipWidth, kindText, type Card } from './card.ts';
import type { GraphPort } from './network-graph.ts';
import type { CardShape, Label, Point, PortShape } from './scene.ts';
import { textWidth } from './text-size.ts';

/** Writes a card out at its place. */
export function cardShapeOf(card: Card, { x, y }: Point, ports: readonly PortShape[]): CardShape {
  const { width, height, node } = card;
  const labels = node.kind === 'uplink' ? [uplinkLabel(card, { x, y })] : deviceLabels(card, { x, y });
  return { x, y, width, height, node, labels, ports };
}

/** A port around the place where its line ends. */
export function portShapeOf(port: GraphPort, style: Card['portStyle'], { x, y }: Point): PortShape {
  const text = chipText(port, style);
  const width = chipWidth(port, style);
  const height = text === undefined ? CARD.dot : CARD.port;
  const rect = { x: x - width / 2, y: y - height / 2, width, height };
  if (text === undefined) return { ...rect, port, label: undefined };
  const room = { x: rect.x + CARD.pad / 2, y: rect.y, width: width - CARD.pad, height };
  return { ...rect, port, label: { text, style: 'chip', at: { x, y: y + 4 }, anchor: 'middle', room } };
}

function uplinkLabel({ title, width, height }: Card, { x, y }: Point): Label {
  const room = { x: x + CARD.pad, y, width: width - 2 * CARD.pad, height };
  return { text: title, style: 'line', at: { x: x + width / 2, y: y + 19 }, anchor: 'middle', room };
}

function deviceLabels(card: Card, { x, y }: Point): readonly Label[] {
  const { title, width, node, rows, secondColumn } = card;
  const kind = kindText(node);
  const kindWidth = textWidth(kind, 'kind');
  // An icon stands before the name.
  const [left, right] = [x + 36, x + width - CARD.pad];
  const labels: Label[] = [
    {
      text: title,
      style: 'name',
      at: { x: left, y: y + 27 },
      anchor: 'start',
      room: { x: left, y: y + 13, width: right - kindWidth - CARD.gap - left, height: 18 },
    },
    {
      text: kind,
      style: 'kind',
      at: { x: right, y: y + 27 },
      anchor: 'end',
      room: { x: right - kindWidth, y: y + 15, width: kindWidth, height: 16 },
      isDown: node.isDown,
    },
  ];
  for (const [at, row] of rows.entries()) {
    const top = y + CARD.header + at * CARD.row;
    const isPair = row.kind === 'port';
    const first = x + CARD.pad;
    const second = x + secondColumn;
    labels.push({
      text: row.first,
      style: isPair ? 'line' : 'note',
      at: { x: first, y: top + 13 },
      anchor: 'start',
      room: { x: first, y: top, width: (isPair ? second - CARD.gap : right) - first, height: CARD.row },
    });
    if (!isPair) continue;
    labels.push({
      text: row.second,
      style: 'note',
      at: { x: second, y: top + 13 },
      anchor: 'start',
      room: { x: second, y: top, width: right - second, height: CARD.row },
      isDown: row.isDown,
    });
  }
  return labels;
}
