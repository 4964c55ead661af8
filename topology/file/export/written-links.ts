import type { Uuid } from '../../model/ids.ts';
import type { Port } from '../../model/objects/port.ts';
import { idOfPath } from '../named-ids.ts';
import type { Survey } from './survey.ts';

/** Where links are said. */
export interface WrittenLinks {
  /** What `link` says, at one end of each. */
  readonly texts: ReadonlyMap<Uuid, string>;
  /** Ports that are linked, whether they say so or not. */
  readonly linked: ReadonlySet<Uuid>;
  /** Ports that follow from a link to their bridge, and are not written out. */
  readonly derived: ReadonlySet<Uuid>;
}

/** Says each link at one of its ends: at the one that a port of a bridge follows from, else at the router's, else at the first. */
export function writtenLinks(survey: Survey): WrittenLinks {
  const texts = new Map<Uuid, string>();
  const linked = new Set<Uuid>();
  const derived = new Set<Uuid>();
  for (const port of survey.ports.values()) {
    if (port.peerId === undefined || linked.has(port.id)) continue;
    const peer = survey.ports.get(port.peerId);
    const fault = faultOf(survey, port, peer);
    if (peer === undefined || fault !== undefined) {
      survey.note(`port ${survey.nameOf(port.id)}: its link is left out, ${fault}`);
      continue;
    }
    linked.add(port.id).add(peer.id);
    const isDerived = followsFrom(survey, port, peer);
    const [near, far] =
      isDerived || (port.routerId === undefined && peer.routerId !== undefined) ? [peer, port] : [port, peer];
    if (followsFrom(survey, far, near)) {
      derived.add(far.id);
      texts.set(near.id, survey.deviceName(far));
    } else {
      texts.set(near.id, survey.nameOf(far.id));
    }
  }
  return { texts, linked, derived };
}

function faultOf(survey: Survey, port: Port, peer: Port | undefined): string | undefined {
  if (peer === undefined) return 'as its peer is not there';
  if (peer.peerId !== port.id) return `as ${survey.nameOf(peer.id)} has another peer`;
  return survey.deviceName(port) === survey.deviceName(peer) ? 'as it leads to its own device' : undefined;
}

/** Whether a port is what `link: BRIDGE` at another port would make. */
function followsFrom(survey: Survey, port: Port, from: Port): boolean {
  const { id, name, networkId, adminStateUp, vlanId, mtu, portGroupIds, hostId } = port;
  if (networkId === undefined || !adminStateUp || hostId !== undefined) return false;
  if (vlanId !== undefined || mtu !== undefined || portGroupIds !== undefined) return false;
  const derived = `${survey.deviceName(from)}.${survey.portName(from.id)}`;
  return name === derived && id === idOfPath(['bridges', survey.deviceName(port), 'ports', derived]);
}
