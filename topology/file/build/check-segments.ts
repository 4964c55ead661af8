import { formatIpv4, formatIpv4Prefix, type Ipv4, ipv4Of, netmaskOf, parseIpv4 } from '../../model/ipv4.ts';
import { formatMac, type Mac, parseMac } from '../../model/mac.ts';
import { atPlace, type Draft, type DraftBridge, type DraftPort, type DraftRouter, type FilePath } from './draft.ts';

/**
 * Looks at what shares a segment: bridges linked to one another, and the router ports on them. One address at two places of a
 * segment is an error; loops, addresses used on two segments, equal MACs and overlapping subnets are lawful but odd.
 */
export function checkSegments(draft: Draft): void {
  const segments = new Segments();
  for (const port of draft.allPorts) joinSegments(draft, segments, port);
  const stations = new Stations(draft);
  for (const router of draft.routers.values()) {
    for (const port of router.ports) stations.addRouterPort(port, segments);
    warnOfOverlaps(draft, router);
  }
  for (const bridge of draft.bridges.values()) stations.addArpEntries(bridge, segments);
}

/** Which bridges, VLAN by VLAN, are one segment: sets that grow together. */
class Segments {
  readonly #parents = new Map<string, string>();

  /** The segment's name, the same for all that is on it. */
  of(bridge: DraftBridge, vlan: number): string {
    return this.#find(`${bridge.name} ${vlan}`);
  }

  /** Makes two segments one; false if they were. */
  join(one: string, other: string): boolean {
    if (one === other) return false;
    this.#parents.set(one, other);
    return true;
  }

  #find(name: string): string {
    let root = name;
    for (let parent = this.#parents.get(root); parent !== undefined; parent = this.#parents.get(root)) root = parent;
    for (let each = name; each !== root;) {
      const parent = this.#parents.get(each) ?? root;
      this.#parents.set(each, root);
      each = parent;
    }
    return root;
  }
}

function joinSegments(draft: Draft, segments: Segments, port: DraftPort): void {
  const { device, link, spec } = port;
  if (device.kind === 'router') {
    checkRouterLink(draft, port);
    return;
  }
  const vlan = spec.vlan ?? 0;
  const peer = link?.peer;
  if (vlan !== 0 && peer?.device.kind === 'bridge') {
    const what = `"vlan" at ${port.fullName} has no effect yet: no bridge looks at VLANs so far`;
    draft.problems.warning(draft.source.keyAt([...port.path, 'vlan']), { code: 'vlan-without-effect', what });
  }
  if (peer?.device.kind !== 'bridge') {
    if (vlan === 0 || port.linkIsBroken) return;
    const what = `"vlan" at ${port.fullName} has no effect`;
    const expected = 'a VLAN id only where a bridge is linked to a bridge';
    draft.problems.warning(draft.source.keyAt([...port.path, 'vlan']), { code: 'vlan-without-effect', what, expected });
    return;
  }
  if (port.fullName > peer.fullName) return; // each link once
  const peerVlan = peer.spec.vlan ?? 0;
  if (vlan !== 0 && peerVlan !== 0) {
    const what = `both ends of a link have a VLAN id: ${port.fullName} ${vlan}, ${peer.fullName} ${peerVlan}`;
    draft.problems.error(link?.at, {
      code: 'vlan-twice',
      what,
      expected: 'one, at the bridge that carries several VLANs',
    });
    return;
  }
  if (vlan === 0 && peerVlan === 0) {
    const what = `${port.fullName} and ${peer.fullName} link two bridges without a VLAN id: neither port is flooded to`;
    draft.problems.warning(link?.at, { code: 'untagged-bridge-link', what, expected: 'a router between them' });
  }
  if (segments.join(segments.of(device, vlan), segments.of(peer.device, peerVlan))) return;
  const what = `the link of ${port.fullName} and ${peer.fullName} closes a loop of bridges`;
  draft.problems.warning(link?.at, { code: 'loop', what });
}

function checkRouterLink(draft: Draft, port: DraftPort): void {
  const peer = port.link?.peer;
  if (peer?.device.kind !== 'router' || port.fullName > peer.fullName) return;
  const [mine, theirs] = [port.address, peer.address];
  if (mine === undefined || theirs === undefined || mine.subnet.address === theirs.subnet.address) return;
  const what = `${port.fullName} and ${peer.fullName} are linked and in different subnets`;
  draft.problems.warning(port.link?.at, { code: 'different-subnets', what });
}

interface Use {
  readonly what: string;
  readonly mac: Mac | undefined;
  readonly at: number | undefined;
}

/** Who has which address on which segment. */
class Stations {
  readonly #draft: Draft;
  readonly #onSegment = new Map<string, Use>();
  readonly #macs = new Map<string, Use>();
  readonly #anywhere = new Map<Ipv4, { readonly segment: string; readonly use: Use }>();

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  addRouterPort(port: DraftPort, segments: Segments): void {
    const segment = segmentOf(port, segments);
    const { address, mac, fullName } = port;
    const at = this.#draft.source.valueAt([...port.path, 'address']) ?? this.#draft.source.keyAt(port.path);
    if (mac !== undefined) this.#addMac(segment, mac, { what: fullName, mac, at: this.#macPlace(port) });
    if (address === undefined) return;
    const use = { what: fullName, mac, at };
    const first = this.#onSegment.get(`${segment} ${address.ip}`);
    if (first === undefined) {
      this.#onSegment.set(`${segment} ${address.ip}`, use);
      this.#addAnywhere(segment, address.ip, use);
    } else {
      this.#tellTwice(address.ip, first, at);
    }
  }

  /** The bridge answers for an address with a MAC; it contradicts whoever has the address with another. */
  addArpEntries(bridge: DraftBridge, segments: Segments): void {
    const segment = segments.of(bridge, 0);
    for (const [text, macText] of Object.entries(bridge.spec.arp ?? {})) {
      const ip = parseIpv4(text);
      const mac = parseMac(macText);
      if (ip === undefined || mac === undefined) continue;
      const at = this.#draft.source.keyAt([...bridge.path, 'arp', text]);
      const first = this.#onSegment.get(`${segment} ${ip}`);
      if (first === undefined) this.#onSegment.set(`${segment} ${ip}`, { what: `"arp" of ${bridge.name}`, mac, at });
      else if (first.mac !== mac) this.#tellTwice(ip, first, at);
    }
  }

  #addMac(segment: string, mac: Mac, use: Use): void {
    const key = `${segment} ${mac}`;
    const first = this.#macs.get(key);
    if (first === undefined) {
      this.#macs.set(key, use);
      return;
    }
    const what = `${formatMac(mac)} is on this segment already, at ${first.what}`;
    this.#draft.problems.warning(use.at, { code: 'duplicate-mac', what, expected: 'one station with one MAC address' });
  }

  #addAnywhere(segment: string, ip: Ipv4, use: Use): void {
    const first = this.#anywhere.get(ip);
    if (first === undefined) {
      this.#anywhere.set(ip, { segment, use });
      return;
    }
    if (first.segment === segment) return;
    const what = `${formatIpv4(ip)} is on another segment too, at ${first.use.what}${atPlace(this.#draft, first.use.at)}`;
    this.#draft.problems.warning(use.at, { code: 'address-on-two-segments', what });
  }

  #tellTwice(ip: Ipv4, first: Use, at: number | undefined): void {
    const what = `${formatIpv4(ip)} is on this segment already, at ${first.what}${atPlace(this.#draft, first.at)}`;
    this.#draft.problems.error(at, { code: 'duplicate-address', what, expected: 'one station with one address' });
  }

  #macPlace(port: DraftPort): number | undefined {
    const path: FilePath = [...port.path, 'mac'];
    return this.#draft.source.valueAt(path) ?? this.#draft.source.keyAt(port.path);
  }
}

/** A router port's segment: that of the bridge it is on, that of a link between routers, or one of its own. */
function segmentOf(port: DraftPort, segments: Segments): string {
  const peer = port.link?.peer;
  if (peer === undefined) return `outside ${port.fullName}`;
  if (peer.device.kind === 'bridge') return segments.of(peer.device, 0);
  return `link ${[port.fullName, peer.fullName].toSorted().join(' ')}`;
}

function warnOfOverlaps(draft: Draft, router: DraftRouter): void {
  const known = router.ports
    .flatMap((port) => (port.address === undefined ? [] : [{ port, subnet: port.address.subnet }]))
    .toSorted((a, b) => a.subnet.address - b.subnet.address || a.subnet.length - b.subnet.length);
  let widest = known[0];
  for (const each of known.slice(1)) {
    const end = widest === undefined ? -1 : ipv4Of(widest.subnet.address | ~netmaskOf(widest.subnet.length));
    if (widest === undefined || each.subnet.address > end) {
      widest = each;
      continue;
    }
    const what = `${formatIpv4Prefix(each.subnet)} of ${each.port.fullName} overlaps ${formatIpv4Prefix(widest.subnet)} of ${widest.port.fullName}`;
    draft.problems.warning(draft.source.valueAt([...each.port.path, 'address']), { code: 'overlapping-subnets', what });
  }
}
