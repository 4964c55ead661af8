import type { Ipv4 } from '../../topology/model/ipv4.ts';
import type { Mac } from '../../topology/model/mac.ts';

/** What is known around the port where a packet enters: who fills in what an expression does not say. */
export interface Surroundings {
  /** The MAC of whoever has this address on the segment of the port: a station, or a port of a device. */
  macOf(address: Ipv4): Mac | undefined;
  /** The MAC of the station at the port itself that has this address; of the only one there when none has it. */
  stationMacFor(address: Ipv4): Mac | undefined;
  /** The MAC that a host with the source address sends to here: its neighbour's, or its gateway's when the destination is elsewhere. */
  nextHopMacFor(source: Ipv4, destination: Ipv4): Mac | undefined;
}

/** Nobody is known: everything has to be said. */
export const NOWHERE: Surroundings = {
  macOf: () => undefined,
  stationMacFor: () => undefined,
  nextHopMacFor: () => undefined,
};
