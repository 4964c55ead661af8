import { deepEqual, equal, ok } from 'node:assert/strict';
import { array, assert, integer, property, tuple, type Arbitrary } from 'fast-check';
import { graphOf, type NetworkGraph } from '../../../ops/graph/network-graph.ts';
import { layOut } from '../../../ops/graph/layout.ts';
import type { Label, LineShape, Point, Rect, Scene } from '../../../ops/graph/scene.ts';
import { svgOf } from '../../../ops/graph/svg.ts';
import { textWidth } from '../../../ops/graph/text-size.ts';
import { loadTopology } from '../../../topology/file/load-topology.ts';
import { outlineOf } from '../../../topology/file/outline.ts';
import { generateTopology } from '../../topology/file/generate.ts';
import { networkText, type Plan } from './network-text.ts';

/** Any network of 1 to 50 devices, linked in any way, rings and several links between two devices included. */
const anyPlan: Arbitrary<Plan> = tuple(integer({ min: 0, max: 40 }), integer({ min: 0, max: 10 })).chain(
  ([bridges, routers]) => {
    const device = integer({ min: 0, max: Math.max(0, bridges + routers - 1) });
    return tuple(
      array(tuple(device, device), { maxLength: 80 }),
      array(integer({ min: 0, max: 18 }), { maxLength: 50 }),
      integer({ min: 0, max: 60 }),
    ).map(([links, exterior, nameLength]) => ({ bridges, routers, links, exterior, nameLength }));
  },
);

describe('the layout of a network', () => {
  it('lets nothing overlap, whatever the network', () => {
    assert(
      property(anyPlan, (plan) => checkScene(layOut(networkOf(networkText(plan))))),
      { numRuns: 60 },
    );
  });

  for (const devices of [5, 10, 20, 35, 50]) {
    it(`lets nothing overlap in a tree, a ring and a star of ${devices} devices`, () => {
      const [bridges, routers] = [devices - Math.ceil(devices / 5), Math.ceil(devices / 5)];
      const exterior = Array.from({ length: devices }, (_, at) => at % 9);
      const plan = { bridges, routers, exterior, nameLength: 12 };
      const numbers = Array.from({ length: devices - 1 }, (_, at) => at + 1);
      const tree = numbers.map((at) => [at, Math.floor((at - 1) / 3)] as const);
      const ring = [...numbers.map((at) => [at - 1, at] as const), [devices - 1, 0] as const];
      const star = numbers.map((at) => [devices - 1, at - 1] as const);
      for (const links of [tree, ring, star]) checkScene(layOut(networkOf(networkText({ ...plan, links }))));
    });
  }

  it('lets nothing overlap among bridges of a hundred ports', () => {
    checkScene(layOut(networkOf(generateTopology(4500))));
  });

  it('draws every device, uplink and link once', () => {
    assert(
      property(anyPlan, (plan) => {
        const network = networkOf(networkText(plan));
        const { cards, lines } = layOut(network);
        deepEqual(new Set(cards.map(({ node }) => node)), new Set(network.nodes));
        equal(cards.length, network.nodes.length);
        equal(lines.length, network.links.length);
        const ends = network.links.flatMap(({ from, to }) => [from.port, to.port]).filter((port) => port !== undefined);
        deepEqual(new Set(cards.flatMap(({ ports }) => ports.map(({ port }) => port))), new Set(ends));
      }),
      { numRuns: 40 },
    );
  });

  it('has every line begin and end at a card, at a port where there is one', () => {
    assert(
      property(anyPlan, (plan) => {
        const { cards, lines } = layOut(networkOf(networkText(plan)));
        const places = cards.flatMap((card) => [card, ...card.ports]);
        for (const { points, title } of lines) {
          for (const end of [points[0], points.at(-1)]) {
            ok(end !== undefined && places.some((place) => touches(place, end)), `${title} ends at nothing`);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  it('has uplinks above their routers, and routers above what hangs on them', () => {
    const { cards } = layOut(networkOf(networkText({ bridges: 2, routers: 1, links: [[2, 0], [2, 1]], exterior: [1, 1, 1], nameLength: 0 }))); // prettier-ignore
    const y = (kind: string): number[] => cards.filter(({ node }) => node.kind === kind).map((card) => card.y);
    ok(Math.max(...y('uplink')) < Math.min(...y('router')));
    ok(Math.max(...y('router')) < Math.min(...y('bridge')));
  });

  it('is the same for the same network, to the byte', () => {
    assert(
      property(anyPlan, (plan) => {
        const draw = (): string => svgOf(layOut(networkOf(networkText(plan))), 'x');
        equal(draw(), draw());
      }),
      { numRuns: 20 },
    );
  });
});

function networkOf(text: string): NetworkGraph {
  const result = loadTopology(text, { path: 'net.yaml' });
  ok(result.ok, JSON.stringify(result));
  return graphOf(outlineOf(result.topology));
}

/** What a reader must not meet: boxes or texts upon one another, texts that do not fit, lines that cross a device. */
function checkScene({ width, height, cards, lines, labels }: Scene): void {
  const all = { x: 0, y: 0, width, height };
  apart([...cards.map((card) => ({ rect: outerOf(card, card.ports), name: card.node.name })), ...labels.map(roomOf)]);
  for (const card of cards) {
    ok(inside(outerOf(card, card.ports), all), `${card.node.name} leaves the drawing`);
    const borderLabels = card.ports.flatMap(({ label }) => (label === undefined ? [] : [label]));
    apart([...card.labels.map(roomOf), ...card.ports.map((port) => ({ rect: port, name: port.port.name }))]);
    for (const label of card.labels) ok(inside(label.room, card), `"${label.text}" leaves ${card.node.name}`);
    for (const port of card.ports) {
      ok(port.x >= card.x && port.x + port.width <= card.x + card.width, `${port.port.name} leaves its border`);
    }
    for (const label of [...card.labels, ...borderLabels]) fits(label);
  }
  for (const label of labels) fits(label);
  for (const line of lines) {
    for (const { x, y } of pointsOn(line)) {
      const crossed = cards.find(
        (card) => x > card.x && x < card.x + card.width && y > card.y && y < card.y + card.height,
      );
      ok(crossed === undefined, `${line.title} crosses ${crossed?.node.name ?? ''}`);
      ok(touches(all, { x, y }), `${line.title} leaves the drawing`);
    }
  }
}

interface Named {
  readonly rect: Rect;
  readonly name: string;
}

function roomOf(label: Label): Named {
  return { rect: label.room, name: label.text };
}

/** A card and the ports on its border. */
function outerOf(card: Rect, ports: readonly Rect[]): Rect {
  const top = Math.min(card.y, ...ports.map(({ y }) => y));
  const bottom = Math.max(card.y + card.height, ...ports.map((port) => port.y + port.height));
  return { x: card.x, y: top, width: card.width, height: bottom - top };
}

function apart(all: readonly Named[]): void {
  for (const [at, a] of all.entries()) {
    for (const b of all.slice(at + 1)) ok(!overlap(a.rect, b.rect), `"${a.name}" and "${b.name}" overlap`);
  }
}

/** Rounding to whole pixels may let two things touch. */
const TOUCH = 0.01;

function overlap(a: Rect, b: Rect): boolean {
  return (
    a.x + TOUCH < b.x + b.width &&
    b.x + TOUCH < a.x + a.width &&
    a.y + TOUCH < b.y + b.height &&
    b.y + TOUCH < a.y + a.height
  );
}

function inside(a: Rect, b: Rect): boolean {
  return a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width + TOUCH && a.y + a.height <= b.y + b.height + TOUCH;
}

function touches({ x, y, width, height }: Rect, point: Point): boolean {
  return point.x >= x - TOUCH && point.x <= x + width + TOUCH && point.y >= y - TOUCH && point.y <= y + height + TOUCH;
}

function fits({ text, style, at, anchor, room }: Label): void {
  const width = textWidth(text, style);
  const left = at.x - (anchor === 'start' ? 0 : anchor === 'middle' ? width / 2 : width);
  ok(left >= room.x - TOUCH && left + width <= room.x + room.width + TOUCH, `"${text}" does not fit`);
  ok(at.y > room.y && at.y <= room.y + room.height, `"${text}" is not on its line`);
}

/** Points along a line as it is drawn: upright, or a cubic curve that leaves and arrives upright. */
function* pointsOn({ points }: LineShape): Generator<Point> {
  for (const [at, from] of points.entries()) {
    const to = points[at + 1];
    if (to === undefined) return;
    for (let step = 0; step <= 20; step++) {
      const t = step / 20;
      const late = t * t * (3 - 2 * t);
      const y = from.y + (to.y - from.y) * (1.5 * t * (1 - t) * (1 - t) + 1.5 * t * t * (1 - t) + t * t * t);
      yield { x: from.x + (to.x - from.x) * late, y };
    }
  }
}
