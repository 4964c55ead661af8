import { array, boolean, constantFrom, nat, oneof, option, record, type Arbitrary } from 'fast-check';
import { addressRoutesOf } from '../../../topology/file/address-routes.ts';
import type { Records } from '../../../topology/file/export/name-topology.ts';
import { idOfPath } from '../../../topology/file/named-ids.ts';
import { contentOf, numbered } from '../../../topology/file/route-content.ts';
import type { IpMacEntry, MacEntry } from '../../../topology/file/topology.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import { parseIpv4, prefixOf } from '../../../topology/model/ipv4.ts';
import type { ClassifiedObject } from '../../../topology/model/objects/object-classes.ts';
import type { Port } from '../../../topology/model/objects/port.ts';

/** Names that files have, names that none can have, names alike, and none. */
const name = oneof(
  { weight: 4, arbitrary: constantFrom('a', 'b', 'c', 'web', 'db', 'vm-1', 'vm-2', 'local') },
  { weight: 1, arbitrary: constantFrom('1', 'null', '__proto__', 'a b', 'x:y', 'Ä/ö', '-', undefined) },
);
const usually = constantFrom(true, true, true, false);
/** What something is called, and whether its id comes from that, as of what a file made. */
const identity = record({ name, isFromName: usually });

const port = record({
  identity,
  up: boolean(),
  mtu: option(constantFrom(1400, 9000), { nil: undefined }),
  vlan: option(constantFrom(5, 6), { nil: undefined }),
  hasAddress: usually,
  hasMac: boolean(),
  bringsRoutes: usually,
  host: option(nat(2), { nil: undefined }),
  isCalledAfterPort: boolean(),
  group: option(nat(1), { nil: undefined }),
  hasStation: boolean(),
});

const route = record({
  identity,
  kind: constantFrom('PORT', 'PORT', 'LOCAL', 'BLACKHOLE', 'REJECT'),
  to: nat(3),
  from: boolean(),
  port: nat(2),
  via: boolean(),
  weight: constantFrom(0, 100),
  isCalledByContent: boolean(),
});

const recipe = record({
  hosts: array(identity, { maxLength: 3 }),
  isLocal: boolean(),
  zones: array(record({ identity, type: constantFrom('VXLAN', 'GRE', 'VTEP'), members: nat(7) }), { maxLength: 2 }),
  groups: array(record({ identity, stateful: boolean() }), { maxLength: 2 }),
  bridges: array(record({ identity, up: boolean(), ports: array(port, { maxLength: 4 }), arp: nat(2) }), {
    maxLength: 3,
  }),
  routers: array(
    record({ identity, up: boolean(), ports: array(port, { maxLength: 3 }), routes: array(route, { maxLength: 4 }) }),
    { maxLength: 2 },
  ),
  links: array(record({ near: nat(17), far: nat(17), isDerived: usually }), { maxLength: 6 }),
});

type Recipe = typeof recipe extends Arbitrary<infer T> ? T : never;

interface Identity {
  readonly name: string | undefined;
  readonly isFromName: boolean;
}

type PortRecipe = Recipe['bridges'][number]['ports'][number];

/** What a database may have that files can describe, whoever made it. */
export const arbitraryRecords: Arbitrary<Records> = recipe.map((parts) => new Builder(parts).records());

interface Device {
  readonly section: 'bridges' | 'routers';
  readonly id: Uuid;
  readonly name: string | undefined;
}

interface Built {
  readonly device: Device;
  readonly recipe: PortRecipe;
  readonly port: { -readonly [Field in keyof Port]: Port[Field] };
}

class Builder {
  readonly #recipe: Recipe;
  readonly #objects: ClassifiedObject[] = [];
  readonly #ports: Built[] = [];
  readonly #ids = new Set<Uuid>();
  readonly #macEntries: MacEntry[] = [];
  readonly #ipMacEntries: IpMacEntry[] = [];
  #count = 0;

  constructor(parts: Recipe) {
    this.#recipe = parts;
  }

  records(): Records {
    const hosts = this.#hosts();
    const groups = this.#groups();
    for (const { identity: who, up, ports, arp } of this.#recipe.bridges) {
      const { id, ...named } = this.#identify(who, ['bridges']);
      this.#objects.push({ class: 'Network', object: { id, ...named, adminStateUp: up } });
      for (const each of ports) this.#addPort({ section: 'bridges', id, name: named.name }, each, groups);
      for (let n = 0; n < arp; n++) {
        this.#ipMacEntries.push({ networkId: id, ip: `172.16.${this.#next()}.${n}`, mac: this.#mac() });
      }
    }
    for (const { identity: who, up, ports } of this.#recipe.routers) {
      const { id, ...named } = this.#identify(who, ['routers']);
      this.#objects.push({ class: 'Router', object: { id, ...named, adminStateUp: up } });
      for (const each of ports) this.#addPort({ section: 'routers', id, name: named.name }, each, groups);
    }
    this.#link();
    this.#bind(hosts);
    this.#objects.push(...this.#ports.map(({ port: object }): ClassifiedObject => ({ class: 'Port', object })));
    this.#addRoutes();
    this.#addStations();
    return { objects: this.#objects, macEntries: this.#macEntries, ipMacEntries: this.#ipMacEntries };
  }

  #hosts(): readonly Uuid[] {
    const { hosts, isLocal, zones } = this.#recipe;
    const wanted = isLocal ? [{ name: 'local', isFromName: true }] : hosts;
    const ids = wanted.map((who) => {
      const named = this.#identify(who, ['hosts']);
      this.#objects.push({ class: 'Host', object: named });
      return named.id;
    });
    for (const { identity: who, type, members } of zones) {
      const hostIds = isLocal ? [] : ids.filter((_, n) => (members & (1 << n)) !== 0);
      const inside = hostIds.map((hostId) => ({ hostId, ip: `192.0.2.${this.#next()}` }));
      this.#objects.push({
        class: 'TunnelZone',
        object: { ...this.#identify(who, ['tunnelZones']), type, hosts: inside, hostIds },
      });
    }
    return ids;
  }

  #groups(): readonly Uuid[] {
    return this.#recipe.groups.map(({ identity: who, stateful }) => {
      const named = this.#identify(who, ['portGroups']);
      this.#objects.push({ class: 'PortGroup', object: { ...named, stateful } });
      return named.id;
    });
  }

  #addPort(device: Device, each: PortRecipe, groups: readonly Uuid[]): void {
    const group = groups[each.group ?? groups.length];
    const isRouter = device.section === 'routers';
    const n = this.#next();
    this.#ports.push({
      device,
      recipe: each,
      port: {
        ...this.#identify(each.identity, [device.section, device.name ?? '', 'ports']),
        adminStateUp: each.up,
        ...(isRouter ? { routerId: device.id } : { networkId: device.id }),
        ...(each.mtu !== undefined && { mtu: each.mtu }),
        ...(group !== undefined && { portGroupIds: [group] }),
        ...(isRouter && { portMac: this.#mac() }),
        ...(isRouter && each.hasAddress && { portAddress: `10.1.${n}.1`, portSubnet: [`10.1.${n}.0/24`] }),
      },
    });
  }

  /** Links what can be linked; some as `link: BRIDGE` does. */
  #link(): void {
    for (const { near, far, isDerived } of this.#recipe.links) {
      const [one, other] = [near, far].map((n) => this.#ports[n % this.#ports.length]);
      if (one === undefined || other === undefined || one.device.id === other.device.id) continue;
      if (one.port.peerId !== undefined || other.port.peerId !== undefined) continue;
      if (isDerived && other.device.section === 'bridges') this.#derive(one, other);
      one.port.peerId = other.port.id;
      other.port.peerId = one.port.id;
    }
  }

  #derive({ device, port: from }: Built, { device: bridge, port: to }: Built): void {
    const derived = `${device.name}.${from.name}`;
    const id = idOfPath(['bridges', bridge.name ?? '', 'ports', derived]);
    if (this.#ids.has(id)) return;
    this.#ids.add(id);
    delete to.mtu;
    delete to.portGroupIds;
    Object.assign(to, { id, name: derived, adminStateUp: true });
  }

  #bind(hosts: readonly Uuid[]): void {
    for (const { port: each, recipe: wish } of this.#ports) {
      if (each.peerId !== undefined) continue;
      if (each.networkId !== undefined && wish.vlan !== undefined) each.vlanId = wish.vlan;
      const host = hosts[wish.host ?? hosts.length];
      if (host === undefined) continue;
      each.hostId = host;
      const wanted = wish.isCalledAfterPort && /^\w+$/.test(each.name ?? '') ? each.name : undefined;
      const isTaken = this.#ports.some(({ port: other }) => other !== each && other.interfaceName === wanted);
      each.interfaceName = wanted === undefined || isTaken ? `eth${this.#next()}` : wanted;
    }
  }

  #addRoutes(): void {
    for (const { port: each, device, recipe: wish } of this.#ports) {
      const ip = parseIpv4(each.portAddress ?? '');
      if (ip === undefined || !wish.bringsRoutes) continue;
      const parts = {
        router: { id: device.id, name: device.name ?? '' },
        port: { id: each.id, name: each.name ?? '' },
      };
      for (const object of addressRoutesOf({ ...parts, ip, subnet: prefixOf(ip, 24) })) {
        if (this.#ids.has(object.id)) continue;
        this.#ids.add(object.id);
        this.#objects.push({ class: 'Route', object });
      }
    }
    const routers = this.#objects.filter(({ class: cls }) => cls === 'Router').map(({ object }) => object);
    for (const [n, { routes }] of this.#recipe.routers.entries()) {
      const router = routers[n];
      const ports = this.#ports.filter(({ device }) => device.id === router?.id).map(({ port: own }) => own);
      for (const each of routes) this.#addRoute({ id: router?.id ?? idOfPath([]), name: router?.name }, ports, each);
    }
  }

  #addRoute(
    router: { readonly id: Uuid; readonly name: string | undefined },
    ports: readonly Port[],
    {
      identity: who,
      kind,
      to,
      from,
      port: n,
      via,
      weight,
      isCalledByContent,
    }: Recipe['routers'][number]['routes'][number],
  ): void {
    const own = ports[n];
    const isForwarded = kind === 'PORT' || kind === 'LOCAL';
    if (isForwarded && (own === undefined || (kind === 'PORT' && own.portAddress === undefined))) return;
    const gateway = own?.portAddress?.replace(/1$/, '254');
    const hasGateway = kind === 'PORT' && via && gateway !== undefined;
    const content = contentOf(
      {
        to: `10.${to}.0.0/16`,
        weight,
        ...(from && { from: '10.7.0.0/16' }),
        ...(hasGateway ? { via: gateway } : isForwarded && { port: own?.name ?? '' }),
      },
      kind,
    );
    const same = this.#objects.filter(
      ({ class: cls, object: other }) => cls === 'Route' && other.name?.startsWith(content),
    );
    const called = isCalledByContent ? { name: numbered(content, same.length + 1), isFromName: true } : who;
    this.#objects.push({
      class: 'Route',
      object: {
        ...this.#identify(called, ['routers', router.name ?? '', 'routes']),
        routerId: router.id,
        srcSubnet: from ? '10.7.0.0/16' : '0.0.0.0/0',
        dstSubnet: `10.${to}.0.0/16`,
        nextHop: kind,
        weight,
        ...(isForwarded && own !== undefined && { nextHopPortId: own.id }),
        ...(hasGateway && { nextHopGateway: gateway }),
      },
    });
  }

  #addStations(): void {
    for (const { port: own, device, recipe: wish } of this.#ports) {
      if (device.section !== 'bridges' || !wish.hasStation) continue;
      this.#macEntries.push({ networkId: device.id, vlan: own.vlanId ?? 0, mac: this.#mac(), portId: own.id });
    }
  }

  #identify(who: Identity, path: readonly string[]): { readonly id: Uuid; readonly name?: string } {
    const named = who.name === undefined ? {} : { name: who.name };
    const fromName = idOfPath([...path, who.name ?? '']);
    const id = who.isFromName && !this.#ids.has(fromName) ? fromName : this.#uuid();
    this.#ids.add(id);
    return { id, ...named };
  }

  #uuid(): Uuid {
    return `${String(this.#next()).padStart(8, '0')}-0000-4000-8000-000000000000` as Uuid;
  }

  #mac(): string {
    return `02:00:00:00:00:${this.#next().toString(16).padStart(2, '0')}`;
  }

  #next(): number {
    this.#count += 1;
    return this.#count;
  }
}
