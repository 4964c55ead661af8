import type { FlowActions } from '../../datapath/flow-actions.ts';
import { FORWARDED } from '../../simulation/outcome.ts';
import { ETH_DST, ETH_SRC, FRAGMENT, TTL } from '../../simulation/packet/fields.ts';
import { WORD } from '../../simulation/packet/key-layout.ts';
import { newKeyWords } from '../../simulation/packet/key-words.ts';
import { rewriteOf } from '../../simulation/packet/rewrite.ts';
import { TagList, type Tag } from '../../simulation/tag.ts';
import { deviceIdOf, portIdOf } from '../../topology/model/ids.ts';
import { ipv4Of, type Ipv4 } from '../../topology/model/ipv4.ts';
import { highOf, lowOf, macOf, type Mac } from '../../topology/model/mac.ts';

/** A flow's way by port, bridge, port, router, port, bridge, port; of ten bridges on each side of the router of a tenant. */
export interface Way {
  readonly tenant: number;
  /** Exterior ports of the tenant, from 1 to 1000. */
  readonly inPort: number;
  readonly outPort: number;
  /** Who sends, by a number. */
  readonly sender: number;
  /** The address it is sent to, and by a number who takes it there. */
  readonly destination: Ipv4;
  readonly nextHop: number;
}

const MTU = 1500;
const FACTS = 26;

/** Numbers of a tenant's devices; ports of the datapath begin at 1. */
const [ROUTER, LEFT, RIGHT, DOWN, UP, TO_DOWN, TO_UP, ROUTES] = [1100, 1200, 1210, 1300, 1310, 1320, 1330, 1400];
const TENANT_IDS = 2000;

/**
 * One network of a hundred ports, each of which sends to one other. Who sends and the address it is sent to are the flow's own; what
 * takes it there is a gateway.
 */
export function oneNetwork(n: number): Way {
  const [inPort, outPort] = [1 + (n % 100), 1 + ((n * 7) % 100)];
  return { tenant: 0, inPort, outPort, sender: n, destination: ipv4Of(0x0b00_0000 + n), nextHop: outPort };
}

/** The same, but each flow has a receiver of its own: five facts that no other flow rests on, and actions that no other flow has. */
export function ownReceivers(n: number): Way {
  return { ...oneNetwork(n), nextHop: n };
}

/** A thousand tenants with a network of ten ports each: no fact is one that more than a few hundred flows in a million rest on. */
export function manyTenants(n: number): Way {
  const [tenant, pair] = [n % 1000, Math.floor(n / 1000)];
  return between(tenant, 1 + (pair % 10), 1 + (Math.floor(pair / 10) % 10));
}

/** A thousand ports, from each of which a flow leads to each: a million ways. */
export function fullMesh(n: number): Way {
  return between(0, 1 + (n % 1000), 1 + (Math.floor(n / 1000) % 1000));
}

function between(tenant: number, inPort: number, outPort: number): Way {
  const [sender, nextHop] = [tenant * 1000 + inPort, tenant * 1000 + outPort];
  return { tenant, inPort, outPort, sender, destination: ipv4Of(0x0b00_0000 + nextHop), nextHop };
}

interface Places {
  readonly left: number;
  readonly right: number;
  readonly down: number;
  readonly up: number;
  readonly toDown: number;
  readonly toUp: number;
  readonly router: number;
  readonly route: number;
  readonly entry: number;
  readonly exit: number;
}

function placesOf({ tenant, inPort, outPort }: Way): Places {
  const first = tenant * TENANT_IDS;
  const [from, to] = [first + (inPort % 10), first + (outPort % 10)];
  return {
    left: from + LEFT,
    right: to + RIGHT,
    down: from + DOWN,
    up: to + UP,
    toDown: from + TO_DOWN,
    toUp: to + TO_UP,
    router: first + ROUTER,
    route: to + ROUTES,
    entry: first + inPort,
    exit: first + outPort,
  };
}

/** The 26 facts that its simulation used. */
export function tagsOf(way: Way): readonly Tag[] {
  const facts = new TagList();
  const places = placesOf(way);
  const [left, right, router] = [deviceIdOf(places.left), deviceIdOf(places.right), deviceIdOf(places.router)];
  const [entry, exit] = [portIdOf(places.entry), portIdOf(places.exit)];
  const [down, toDown] = [portIdOf(places.down), portIdOf(places.toDown)];
  const [up, toUp] = [portIdOf(places.up), portIdOf(places.toUp)];
  const sender = senderMac(way);
  facts.dpPort(entry);
  facts.device(entry);
  facts.portRx(entry);
  facts.device(left);
  facts.vlanPort(left, sender, 0, entry);
  facts.learned(left, sender, 0, entry);
  facts.bridgePort(left, down);
  facts.device(down);
  facts.portTx(down);
  facts.device(toDown);
  facts.portRx(toDown);
  facts.device(router);
  facts.route(router, places.route);
  facts.destIp(router, way.destination);
  facts.arpEntry(router, way.destination);
  facts.device(toUp);
  facts.portTx(toUp);
  facts.device(up);
  facts.portRx(up);
  facts.device(right);
  facts.vlanPort(right, nextHopMac(way), 0, exit);
  facts.bridgePort(right, up);
  facts.device(exit);
  facts.portTx(exit);
  facts.dpPort(exit);
  facts.broadcast(right);
  return facts.tags;
}

/** As many facts without any relation, on each of which some sixty flows in a million rest: nothing that could be shared. */
export function unrelatedTags(n: number): readonly Tag[] {
  const facts = new TagList();
  for (let k = 0; k < FACTS; k++) facts.route(deviceIdOf(k), Math.imul(n, 0x9e37_79b1 + 2 * k) >>> 18);
  return facts.tags;
}

/** The devices on the way, and what decided there. */
export function pathOf(way: Way): readonly number[] {
  const { entry, left, down, toDown, router, route, toUp, up, right, exit } = placesOf(way);
  return [entry, 0, left, 0, down, 0, toDown, 0, router, route, toUp, 0, up, 0, right, 0, exit, 0];
}

/** What a router does to a packet: both addresses and the TTL rewritten, out by one port. */
export function actionsOf(way: Way): FlowActions {
  const [before, after] = [newKeyWords(), newKeyWords()];
  before[WORD.vlansProtoTtlTos] = 64 << 8;
  after[WORD.vlansProtoTtlTos] = 63 << 8;
  const [router, nextHop] = [routerMac(way), nextHopMac(way)];
  after[WORD.ethDstHigh] = (highOf(nextHop) << 16) | (lowOf(nextHop) >>> 16);
  after[WORD.ethDstLowEthSrcHigh] = (lowOf(nextHop) << 16) | highOf(router);
  after[WORD.ethSrcLow] = lowOf(router);
  const rewrite = rewriteOf(before, after, ETH_DST | ETH_SRC | (TTL & ~FRAGMENT), TTL);
  const port = portIdOf(placesOf(way).exit);
  return { outputs: [{ port, rewrite, mtu: MTU, tunnel: undefined }], outcome: FORWARDED };
}

function senderMac({ sender }: Way): Mac {
  return macOf(0x0200, sender);
}

function nextHopMac({ nextHop }: Way): Mac {
  return macOf(0x0201, nextHop);
}

function routerMac(way: Way): Mac {
  return macOf(0x0202, placesOf(way).router);
}
