import { addToList } from '../../model/add-to-list.ts';
import type { Uuid } from '../../model/ids.ts';
import { atPlace, type Draft } from './draft.ts';

/** By tunnel zone, its hosts and where their tunnels end. */
export type TunnelEnds = ReadonlyMap<string, readonly TunnelEnd[]>;

interface TunnelEnd {
  readonly hostId: Uuid;
  readonly ip: string;
}

/** Gathers the ends of tunnels, zone by zone. Of several hosts, one that has ports and no tunnel is odd. */
export function tunnelEndsOf(draft: Draft): TunnelEnds {
  const { file, source, problems, dangling } = draft;
  const zones = file.tunnelZones ?? {};
  const ends = new Map<string, TunnelEnd[]>();
  const places = new Map<string, number | undefined>();
  for (const host of draft.hosts.values()) {
    const tunnels = Object.entries(file.hosts?.[host.name]?.tunnel ?? {});
    if (tunnels.length === 0 && host.interfaces.size > 0 && draft.hosts.size > 1) {
      const what = `host "${host.name}" has ports and no tunnel: its ports reach those of no other host`;
      problems.warning(source.keyAt(host.path), { code: 'no-tunnel', what });
    }
    for (const [zone, ip] of tunnels) {
      const path = [...host.path, 'tunnel', zone];
      if (!Object.hasOwn(zones, zone)) {
        dangling.note('tunnel zone', zone, source.keyAt(path), () => Object.keys(zones));
        continue;
      }
      const at = source.valueAt(path);
      if (places.has(`${zone} ${ip}`)) {
        const what = `${ip} is in the tunnel zone "${zone}" already${atPlace(draft, places.get(`${zone} ${ip}`))}`;
        problems.error(at, { code: 'duplicate-address', what, expected: 'one host with one address' });
      }
      places.set(`${zone} ${ip}`, at);
      addToList(ends, zone, { hostId: host.id, ip });
    }
  }
  return ends;
}
