import type { OutlineDevice, OutlinePort, OutlineRoute, TopologyOutline } from '../../topology/file/outline.ts';

/** A network as a drawing sees it: what is linked to what, and what stands where. */
export interface NetworkGraph {
  readonly name: string | undefined;
  readonly nodes: readonly GraphNode[];
  readonly links: readonly GraphLink[];
}

export interface GraphNode {
  /** An `uplink` is the interface of a host that a router's port is bound to. */
  readonly kind: 'bridge' | 'router' | 'uplink';
  readonly name: string;
  readonly isDown: boolean;
  /** Ports that no line of the drawing ends at. */
  readonly ports: readonly GraphPort[];
  /** Routes that somebody wrote, in words. */
  readonly routes: readonly string[];
}

export interface GraphPort {
  readonly name: string;
  readonly isDown: boolean;
  /** It follows from a link: its name says nothing that the drawing does not. */
  readonly isDerived: boolean;
  /** An address, a VLAN. */
  readonly detail: string;
  /** Where it leads: `host/interface`, `device:port`, `unplugged`. */
  readonly where: string;
}

/** One end of a link: the number of a node, and the port there; an uplink has none. */
export interface GraphEnd {
  readonly node: number;
  readonly port: GraphPort | undefined;
}

export interface GraphLink {
  readonly from: GraphEnd;
  readonly to: GraphEnd;
}

/** A router with more interfaces than this has them listed, not drawn. */
const MOST_UPLINKS = 4;

/** Makes a graph of a topology: devices in its order, then uplinks; each link once. */
export function graphOf({ name, devices }: TopologyOutline): NetworkGraph {
  const ends = new Map<string, GraphEnd>();
  for (const [node, { ports }] of devices.entries()) {
    for (const port of ports) ends.set(port.fullName, { node, port: portOf(port) });
  }
  const nodes = devices.map(nodeOf);
  const links: GraphLink[] = [];
  for (const [node, device] of devices.entries()) {
    for (const port of device.ports) {
      const from = ends.get(port.fullName);
      const to = port.peer === undefined ? undefined : ends.get(port.peer);
      if (from !== undefined && to !== undefined && from.node < to.node) links.push(downwards({ from, to }, nodes));
    }
    for (const port of uplinksOf(device)) {
      links.push({ from: { node: nodes.length, port: undefined }, to: { node, port: portOf(port) } });
      nodes.push({ kind: 'uplink', name: port.binding ?? '', isDown: false, ports: [], routes: [] });
    }
  }
  return { name, nodes, links };
}

function nodeOf(device: OutlineDevice): GraphNode {
  const drawn = new Set(uplinksOf(device));
  const isDrawn = (port: OutlinePort): boolean =>
    drawn.has(port) || (port.peer !== undefined && !port.peer.startsWith(`${device.name}:`));
  return {
    kind: device.kind,
    name: device.name,
    isDown: !device.adminUp,
    ports: device.ports.filter((port) => !isDrawn(port)).map(portOf),
    routes: device.routes.filter(({ derived }) => derived['itself'] === undefined).map(routeText),
  };
}

/** From the router to the bridge: tools that lay graphs out themselves put first what comes first. */
function downwards({ from, to }: GraphLink, nodes: readonly GraphNode[]): GraphLink {
  const isUpwards = nodes[from.node]?.kind === 'bridge' && nodes[to.node]?.kind === 'router';
  return isUpwards ? { from: to, to: from } : { from, to };
}

function uplinksOf({ kind, ports }: OutlineDevice): readonly OutlinePort[] {
  if (kind !== 'router') return [];
  const bound = ports.filter(({ binding }) => binding !== undefined);
  return bound.length > MOST_UPLINKS ? [] : bound;
}

function portOf({ name, adminUp, derived, address, vlan, peer, binding }: OutlinePort): GraphPort {
  const details = [address, vlan === undefined ? undefined : `vlan ${vlan}`];
  return {
    name,
    isDown: !adminUp,
    isDerived: derived['itself'] !== undefined,
    detail: details.filter((detail) => detail !== undefined).join(' '),
    where: peer ?? binding ?? 'unplugged',
  };
}

function routeText({ from, to, nextHop, gateway, port }: OutlineRoute): string {
  const source = from === '0.0.0.0/0' ? '' : ` from ${from}`;
  if (nextHop !== 'PORT') return `${to}${source} ${nextHop.toLowerCase()}`;
  return `${to}${source} ${gateway === undefined ? `dev ${port ?? ''}` : `via ${gateway}`}`;
}
