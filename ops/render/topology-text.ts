import type {
  Derived,
  OutlineDevice,
  OutlineHost,
  OutlinePort,
  OutlineRoute,
  TopologyOutline,
} from '../../topology/file/outline.ts';
import type { Look } from './look.ts';
import { formatTable, type Cell } from './table.ts';

/** How fields that can be derived are called. */
const FIELDS: ReadonlyMap<string, string> = new Map([
  ['portMac', 'MAC'],
  ['hostId', 'host'],
  ['interfaceName', 'interface'],
  ['nextHopPortId', 'port'],
]);

const INDENT = '    ';

/**
 * A topology for people: bridges and routers with their ports, routes and entries, then hosts with their interfaces.
 *
 * @param wide with ids, and with every reason why something was derived
 */
export function formatOutline(outline: TopologyOutline, wide: boolean, look: Look): string {
  const title = outline.name === undefined ? [] : [[`topology ${look.paint.strong(outline.name)}`]];
  const blocks = [
    ...title,
    ...outline.devices.map((device) => deviceLines(device, wide, look)),
    ...outline.hosts.map((host) => hostLines(host, wide, look)),
    ...(outline.portGroups.length === 0 ? [] : [[`port groups: ${outline.portGroups.join(', ')}`]]),
  ];
  if (blocks.length === title.length) blocks.push(['Nothing is in this topology.']);
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function deviceLines(device: OutlineDevice, wide: boolean, look: Look): string[] {
  const { paint } = look;
  const down = device.adminUp ? '' : ` ${paint.bad('down')}`;
  const id = wide ? ` ${paint.quiet(device.id)}` : '';
  return [
    `${device.kind} ${paint.strong(device.name)}${down}${id}`,
    ...rowsOf(
      device.ports.map((port) => portCells(port, wide, look)),
      look,
    ),
    ...rowsOf(
      device.routes.map((route) => routeCells(route, wide, look)),
      look,
    ),
    ...rowsOf(
      device.macs.map(({ mac, vlan, port }) => ['mac', mac, `at ${bare(port)}`, vlan === 0 ? '' : `vlan ${vlan}`]),
      look,
    ),
    ...rowsOf(
      device.arp.map(({ ip, mac }) => ['arp', ip, `is at ${mac}`]),
      look,
    ),
  ];
}

function portCells(port: OutlinePort, wide: boolean, look: Look): Cell[] {
  const { name, address = '', mac = '', mtu, vlan, groups, adminUp, derived, id } = port;
  return [
    'port',
    { text: name, paint: look.paint.strong },
    { text: adminUp ? '' : 'down', paint: look.paint.bad },
    address,
    mac,
    whereCell(port, look),
    vlan === undefined ? '' : `vlan ${vlan}`,
    mtu === undefined ? '' : `mtu ${mtu}`,
    groups.length === 0 ? '' : `in ${groups.join(', ')}`,
    quiet(wide ? id : '', look),
    quiet(derivedText(derived, wide), look),
  ];
}

function whereCell({ peer, binding }: OutlinePort, { paint, signs }: Look): Cell {
  if (peer !== undefined) return `${signs.to} ${peer}`;
  if (binding !== undefined) return `= ${binding}`;
  return { text: 'unplugged', paint: paint.warn };
}

function routeCells(route: OutlineRoute, wide: boolean, look: Look): Cell[] {
  const { from, to, nextHop, gateway, port, weight, derived, id } = route;
  const isUsual = weight === (derived['itself'] === undefined ? 100 : 0);
  return [
    'route',
    to,
    from === '0.0.0.0/0' ? '' : `from ${from}`,
    nextHopCell(nextHop, gateway, look),
    port === undefined ? '' : `dev ${port}`,
    wide || !isUsual ? `weight ${weight}` : '',
    quiet(wide ? id : '', look),
    quiet(derivedText(derived, wide), look),
  ];
}

function nextHopCell(nextHop: OutlineRoute['nextHop'], gateway: string | undefined, { paint }: Look): Cell {
  if (nextHop === 'LOCAL') return 'local';
  if (nextHop === 'PORT') return gateway === undefined ? 'on link' : `via ${gateway}`;
  return { text: nextHop.toLowerCase(), paint: paint.warn };
}

function hostLines({ name, id, tunnels, interfaces, derived }: OutlineHost, wide: boolean, look: Look): string[] {
  const { paint } = look;
  const notes = [wide ? id : '', derivedText(derived, wide)].filter((note) => note !== '');
  const tail = notes.map((note) => ` ${paint.quiet(note)}`).join('');
  return [
    `host ${paint.strong(name)}${tail}`,
    ...rowsOf(
      tunnels.map(({ zone, type, ip }) => ['tunnel', zone, type, `at ${ip}`]),
      look,
    ),
    ...rowsOf(
      interfaces.map((each) => ['interface', { text: each.name, paint: paint.strong }, `= ${each.port}`]),
      look,
    ),
  ];
}

/** `(derived from the name)`; of a part, `(MAC derived from the name)`. */
function derivedText(derived: Derived, wide: boolean): string {
  const byReason = new Map<string, string[]>();
  for (const [field, reason] of Object.entries(wide ? derived : brief(derived))) {
    const fields = byReason.get(reason) ?? [];
    if (field !== 'itself') fields.push(FIELDS.get(field) ?? field);
    byReason.set(reason, fields);
  }
  const parts = [...byReason].map(([reason, fields]) => [fields.join(', '), `derived ${reason}`].join(' ').trim());
  return parts.length === 0 ? '' : `(${parts.join('; ')})`;
}

/** That a port has a host because it is plugged in nowhere else goes without saying where its interface was derived as well. */
function brief(derived: Derived): Derived {
  const { hostId, ...others } = derived;
  return hostId === undefined || others['interfaceName'] === undefined ? derived : others;
}

function quiet(text: string, { paint }: Look): Cell {
  return { text, paint: paint.quiet };
}

/** Aligns rows under each other; columns that are empty in all of them take no room. */
function rowsOf(rows: readonly (readonly Cell[])[], look: Look): string[] {
  const columns = (rows[0] ?? []).map((_, at) => at).filter((at) => rows.some((row) => textOf(row[at] ?? '') !== ''));
  const kept = rows.map((row) => columns.map((at) => row[at] ?? ''));
  const room = look.width === undefined ? undefined : look.width - INDENT.length;
  const lines = formatTable(
    columns.map(() => ({ title: '' })),
    kept,
    { ...look, width: room },
  );
  return lines.map((line) => INDENT + line);
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

/** A port's name without its device's. */
function bare(fullName: string): string {
  return fullName.replace(/^[^:]*:/, '');
}
