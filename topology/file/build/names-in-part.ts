import type { FaultPath } from '../check-shape.ts';
import { Problems } from '../file-problem.ts';
import type { Located } from '../located-yaml.ts';
import type { TopologyFile } from '../topology-schema.ts';
import { bindPorts } from './bind-ports.ts';
import { checkGroups } from './check-groups.ts';
import { DanglingNames } from './dangling-names.ts';
import { declareDevices } from './declare-devices.ts';
import { type Draft, draftOf } from './draft.ts';
import { fillTables } from './fill-tables.ts';
import { joinLinks } from './join-links.ts';
import { makeRoutes } from './make-routes.ts';
import { tunnelEndsOf } from './tunnel-ends.ts';

/**
 * Tells the names of nothing in a file whose shape is wrong in places. Nothing else is told of it, and no name of what may stand in
 * one of these places.
 *
 * @param part what of the file is sound
 */
export function tellDanglingNames(
  part: TopologyFile,
  faults: readonly FaultPath[],
  root: Located,
  problems: Problems,
): void {
  const aside = new Problems('', problems.placeOf);
  const dangling = new DanglingNames(problems, hiddenBy(faults));
  const draft: Draft = { ...draftOf(part, root, aside), dangling };
  declareDevices(draft);
  joinLinks(draft);
  bindPorts(draft);
  makeRoutes(draft);
  checkGroups(draft);
  tunnelEndsOf(draft);
  fillTables(draft);
  dangling.tell();
}

/** The kinds of names that each section of a file gives. Ports have several. */
const KINDS: ReadonlyMap<string | number | undefined, readonly string[]> = new Map([
  ['hosts', ['host']],
  ['tunnelZones', ['tunnel zone']],
  ['portGroups', ['port group']],
  ['bridges', ['bridge or router', 'port']],
  ['routers', ['bridge or router', 'port']],
  ['links', []],
  ['name', []],
]);
/** What a device has besides ports, and its ports besides links: no names. */
const OF_DEVICES = new Set<string | number | undefined>(['up', 'arp', 'macs', 'routes']);
const OF_PORTS = new Set<string | number | undefined>(['address', 'mac', 'up', 'bind', 'vlan', 'mtu', 'groups']);

/** Which names may be names of what stands where a file is wrong: an entry, or one under a misspelt key. */
function hiddenBy(faults: readonly FaultPath[]): (kind: string, name: string) => boolean {
  const kinds = new Set<string>();
  /** Ports of bridges that links ask for, by name. */
  const derived = new Set<string>();
  let isAll = false;
  for (const fault of faults) {
    const [section, device, key, port, keyOfPort] = fault;
    const given = KINDS.get(section);
    const isOfDevice = given?.includes('port') === true && fault.length > 2;
    if (given === undefined) isAll = true;
    else if (!isOfDevice) for (const kind of fault.length > 2 ? [] : given) kinds.add(kind);
    else if (!OF_DEVICES.has(key) && fault.length < 5) kinds.add('port');
    else if (key === 'ports' && !OF_PORTS.has(keyOfPort)) derived.add(`${device}.${port}`);
  }
  return (kind, name) => {
    if (isAll || kinds.has(kind)) return true;
    return (
      kind.startsWith('port') && kind !== 'port group' && (kinds.has('port') || derived.has(name.replace(/^.*:/, '')))
    );
  };
}
