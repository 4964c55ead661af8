import type { Uuid } from '../../model/ids.ts';
import type { Port } from '../../model/objects/port.ts';
import { derivedInterfaces, LOCAL_HOST } from '../derived-interfaces.ts';
import { idOfPath } from '../named-ids.ts';
import type { Survey } from './survey.ts';

/** Where ports are plugged in. */
export interface WrittenBindings {
  /** What `bind` says; nothing, where that follows. */
  readonly texts: ReadonlyMap<Uuid, string>;
  /** Whether the file names no hosts: there is the derived one alone, or none. */
  readonly isLocal: boolean;
}

const NONE = 'none';

/** Says where ports are plugged in that are not linked, in the order in which the file has them. */
export function writtenBindings(survey: Survey, linked: ReadonlySet<Uuid>): WrittenBindings {
  const texts = new Map<Uuid, string>();
  const bound: Port[] = [];
  const taken = new Map<string, Port>();
  for (const port of survey.ports.values()) {
    const fault = faultOf(survey, port, linked, taken);
    if (fault !== undefined) survey.note(`port ${survey.nameOf(port.id)}: its binding is left out, ${fault}`);
    if (linked.has(port.id)) continue;
    if (port.hostId === undefined || fault !== undefined) texts.set(port.id, NONE);
    else bound.push(port);
    if (port.hostId !== undefined && fault === undefined) taken.set(placeOf(survey, port), port);
  }
  const isLocal = isLocalAlone(survey, bound);
  const unsaid = isLocal ? derivable(survey, bound) : new Set<Port>();
  for (const port of bound) {
    if (!unsaid.has(port)) texts.set(port.id, placeOf(survey, port));
  }
  return { texts, isLocal };
}

/** Why a port's binding cannot be said, if so. */
function faultOf(
  survey: Survey,
  port: Port,
  linked: ReadonlySet<Uuid>,
  taken: ReadonlyMap<string, Port>,
): string | undefined {
  const { hostId, interfaceName, id } = port;
  if (hostId === undefined) return interfaceName === undefined ? undefined : 'as it has no host';
  if (linked.has(id)) return 'as it is linked';
  if (!survey.isNamed(hostId)) return 'as its host is not there';
  if (interfaceName === undefined) return 'as it has no interface';
  const text = placeOf(survey, port);
  if (!/^[^\s/:]+$/.test(interfaceName) || text.length > 200) return `as a file cannot say "${interfaceName}"`;
  const other = taken.get(text);
  return other && `as ${survey.nameOf(other.id)} is there`;
}

/** `host/interface`. */
function placeOf(survey: Survey, { id, hostId = id, interfaceName = '' }: Port): string {
  return `${survey.nameOf(hostId)}/${interfaceName}`;
}

/** Whether the only host is the one that a file without hosts has, and has it for a reason. */
function isLocalAlone(survey: Survey, bound: readonly Port[]): boolean {
  const hosts = survey.all('Host');
  const [host] = hosts;
  if (host === undefined) return true;
  if (hosts.length > 1 || bound.length === 0 || host.id !== idOfPath(['hosts', LOCAL_HOST])) return false;
  const isInZone = survey.all('TunnelZone').some((zone) => zone.hosts.length > 0);
  return host.name === LOCAL_HOST && !isInZone;
}

/** Those ports whose interfaces are called as they would be if nothing was said. */
function derivable(survey: Survey, bound: readonly Port[]): ReadonlySet<Port> {
  let unsaid: readonly Port[] = bound;
  for (;;) {
    const now = unsaid;
    const isUnsaid = new Set(now);
    const taken = bound.flatMap((port) => (isUnsaid.has(port) ? [] : (port.interfaceName ?? [])));
    const names = derivedInterfaces(
      now.map((port) => ({ device: survey.deviceName(port), name: survey.portName(port.id) })),
      taken,
    );
    unsaid = now.filter((port, n) => port.interfaceName === names[n]);
    if (unsaid.length === now.length) return isUnsaid;
  }
}
