import type { GraphEnd, GraphNode, GraphPort, NetworkGraph } from './network-graph.ts';
import { cut, textWidth } from './text-size.ts';

/** A device before it has a place: how large it is, and what is written on it. Pixels. */
export interface Card {
  readonly node: GraphNode;
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly rows: readonly CardRow[];
  /** Where the second column of rows begins, from the left edge. */
  readonly secondColumn: number;
  /** How ports look on the border that links end at: with their names, or as dots when names would take too much room. */
  readonly portStyle: 'chips' | 'dots';
}

interface CardRow {
  readonly kind: 'port' | 'route' | 'more';
  readonly first: string;
  readonly second: string;
  readonly isDown: boolean;
}

export const CARD = { pad: 12, header: 38, row: 18, foot: 14, port: 18, dot: 10, gap: 10, uplink: 30 } as const;

/** A card is wider for the names of ports on its border up to here, then has dots there and the names as rows. */
const WIDEST_CHIPS = 560;
const MOST_ROWS = 14;
const MOST_ROUTES = 5;

/** Measures all that is to be drawn; of each node a card, in the order of the nodes. */
export function cardsOf({ nodes, links }: NetworkGraph): readonly Card[] {
  const linked = nodes.map((): GraphPort[] => []);
  const note = ({ node, port }: GraphEnd): void => {
    if (port !== undefined) linked[node]?.push(port);
  };
  for (const { from, to } of links) {
    note(from);
    note(to);
  }
  return nodes.map((node, at) => cardOf(node, linked[at] ?? []));
}

/** What is written on a port on the border; undefined when it is a dot. */
export function chipText(port: GraphPort | undefined, style: Card['portStyle']): string | undefined {
  if (port === undefined || port.isDerived || style === 'dots') return undefined;
  return [cut(port.name, 24), port.detail, port.isDown ? 'down' : ''].filter((part) => part !== '').join(' ');
}

export function chipWidth(port: GraphPort | undefined, style: Card['portStyle']): number {
  const text = chipText(port, style);
  return text === undefined ? CARD.dot : textWidth(text, 'chip') + CARD.pad;
}

function cardOf(node: GraphNode, linked: readonly GraphPort[]): Card {
  const title = cut(node.name, 40);
  if (node.kind === 'uplink') {
    const width = textWidth(title, 'line') + 2 * CARD.pad;
    return { node, title, width, height: CARD.uplink, rows: [], secondColumn: 0, portStyle: 'dots' };
  }
  const portStyle = chipsWidth(linked, 'chips') > WIDEST_CHIPS ? 'dots' : 'chips';
  const listed = portStyle === 'chips' ? node.ports : [...linked.filter(({ isDerived }) => !isDerived), ...node.ports];
  const rows = [...portRows(listed), ...routeRows(node.routes)];
  const columns = rows.filter(({ kind }) => kind === 'port');
  const secondColumn = CARD.pad + widest(columns.map(({ first }) => first)) + CARD.gap;
  const second = widest(columns.map((row) => row.second));
  const whole = widest(rows.filter(({ kind }) => kind !== 'port').map(({ first }) => first));
  const header = 36 + textWidth(title, 'name') + CARD.gap + textWidth(kindText(node), 'kind') + CARD.pad;
  const width = Math.max(
    150,
    header,
    columns.length > 0 ? secondColumn + second + CARD.pad : 0,
    whole + 2 * CARD.pad,
    chipsWidth(linked, portStyle),
  );
  const height = CARD.header + rows.length * CARD.row + CARD.foot;
  return { node, title, width: Math.ceil(width), height, rows, secondColumn, portStyle };
}

/** `bridge`, `router, down`. */
export function kindText({ kind, isDown }: GraphNode): string {
  return isDown ? `${kind}, down` : kind;
}

/** What ports take on a border beside each other, the corners free. */
function chipsWidth(ports: readonly GraphPort[], style: Card['portStyle']): number {
  return ports.reduce<number>((sum, port) => sum + chipWidth(port, style) + CARD.gap, CARD.gap);
}

function portRows(ports: readonly GraphPort[]): readonly CardRow[] {
  return limited(
    ports.map(({ name, detail, where, isDown }) => ({
      kind: 'port' as const,
      first: cut(name, 24),
      second: cut([detail, where, isDown ? 'down' : ''].filter((part) => part !== '').join(' '), 44),
      isDown,
    })),
    MOST_ROWS,
    'ports',
  );
}

function routeRows(routes: readonly string[]): readonly CardRow[] {
  return limited(
    routes.map((route) => ({ kind: 'route' as const, first: cut(route, 60), second: '', isDown: false })),
    MOST_ROUTES,
    'routes',
  );
}

function limited(rows: readonly CardRow[], most: number, what: string): readonly CardRow[] {
  if (rows.length <= most) return rows;
  const first = `… ${rows.length - most + 1} more ${what}`;
  return [...rows.slice(0, most - 1), { kind: 'more', first, second: '', isDown: false }];
}

function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, textWidth(text, 'line')), 0);
}
