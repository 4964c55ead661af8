import { didYouMean } from '../../topology/file/did-you-mean.ts';
import type { Topology } from '../../topology/file/topology.ts';
import type { Uuid } from '../../topology/model/ids.ts';
import type { Port } from '../../topology/model/objects/port.ts';

/** Why no frame can enter by a port, for people. */
export interface EntryFault {
  readonly code: 'interior-port' | 'unplugged-port';
  readonly what: string;
  readonly didYouMean: string | undefined;
}

const BECAUSE = 'frames enter by exterior ports';

/** What is wrong with a port as a place where frames enter; undefined when something is plugged in there. @param because what exterior ports are for */
export function entryFaultOf({ objects, names }: Topology, id: Uuid, because = BECAUSE): EntryFault | undefined {
  const ports = new Map<Uuid, Port>();
  const peers = new Map<Uuid, Uuid>();
  for (const { class: cls, object } of objects) {
    if (cls !== 'Port') continue;
    ports.set(object.id, object);
    if (object.peerId !== undefined) peers.set(object.id, object.peerId).set(object.peerId, object.id);
  }
  const nameOf = (port: Uuid): string => names.nameOf.get(port) ?? port;
  const peer = peers.get(id);
  if (peer === undefined && ports.get(id)?.interfaceName !== undefined) return undefined;
  const entries = [...ports.values()].filter((port) => port.interfaceName !== undefined && !peers.has(port.id));
  const guess = didYouMean(
    nameOf(id),
    entries.map((port) => nameOf(port.id)),
  );
  return peer === undefined
    ? { code: 'unplugged-port', what: `${nameOf(id)} is unplugged (bind: none)`, didYouMean: guess }
    : {
        code: 'interior-port',
        what: `${nameOf(id)} leads to ${nameOf(peer)}: ${because}`,
        didYouMean: guess,
      };
}
