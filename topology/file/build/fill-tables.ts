import { formatMac, type Mac, parseMac } from '../../model/mac.ts';
import type { IpMacEntry, MacEntry } from '../topology.ts';
import { atPlace, type Draft, type DraftBridge, type DraftPort } from './draft.ts';

/** The persistent entries of bridges' tables. */
export interface TableEntries {
  readonly macEntries: readonly MacEntry[];
  readonly ipMacEntries: readonly IpMacEntry[];
}

export function fillTables(draft: Draft): TableEntries {
  const bridges = [...draft.bridges.values()];
  return {
    macEntries: bridges.flatMap((bridge) => macEntriesOf(draft, bridge)),
    ipMacEntries: bridges.flatMap(ipMacEntriesOf),
  };
}

function ipMacEntriesOf(bridge: DraftBridge): readonly IpMacEntry[] {
  return Object.entries(bridge.spec.arp ?? {}).map(([ip, mac]) => ({
    networkId: bridge.id,
    ip,
    mac: canonical(mac),
  }));
}

function macEntriesOf(draft: Draft, bridge: DraftBridge): readonly MacEntry[] {
  const entries: MacEntry[] = [];
  const places = new Map<Mac, number | undefined>();
  for (const [text, named] of Object.entries(bridge.spec.macs ?? {})) {
    const mac = parseMac(text);
    const port = stationPort(draft, bridge, named, draft.source.valueAt([...bridge.path, 'macs', text]));
    if (mac === undefined || port === undefined) continue;
    const at = draft.source.keyAt([...bridge.path, 'macs', text]);
    if (places.has(mac)) {
      const what = `${formatMac(mac)} is here for the second time${atPlace(draft, places.get(mac))}`;
      draft.problems.error(at, { code: 'duplicate-key', what, expected: 'one port for one MAC address' });
      continue;
    }
    places.set(mac, at);
    entries.push({ networkId: bridge.id, vlan: port.spec.vlan ?? 0, mac: formatMac(mac), portId: port.id });
  }
  return entries;
}

/** The port of this bridge that a table entry names (spec 10 §6.6). */
function stationPort(draft: Draft, bridge: DraftBridge, text: string, at: number | undefined): DraftPort | undefined {
  const [device, name] = text.includes(':') ? text.split(':') : [bridge.name, text];
  if (device !== bridge.name) {
    const what = `"${text}" is no port of bridge "${bridge.name}"`;
    draft.problems.error(at, { code: 'foreign-port', what, expected: 'a port of the same bridge' });
    return undefined;
  }
  const port = draft.ports.portOf(bridge.name, name ?? '');
  if (port === undefined) {
    draft.dangling.note(`port of bridge "${bridge.name}"`, name ?? '', at, () => draft.ports.portsOf(bridge.name));
  }
  return port;
}

function canonical(text: string): string {
  const mac = parseMac(text);
  return mac === undefined ? text : formatMac(mac);
}
