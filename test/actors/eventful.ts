import { ok } from 'node:assert/strict';
import type { Scenario } from '../../actors/scenario/scenario.ts';
import { instantOf } from '../../topology/model/time.ts';
import { capturePath } from '../captures/known.ts';
import { ip, mac } from '../simulation/packets.ts';
import { OFFICE, scenarioOf, topologyOf } from './scenario/played.ts';

/** A capture of conversations with the world, and in the middle of it a change of the network. */
export function eventful(): Scenario {
  const topology = topologyOf(OFFICE.replace('192.168.0.1/16', '141.142.220.1/24'));
  const at = (name: string) => {
    const id = topology.names.ports.get(name);
    ok(id);
    return id;
  };
  return {
    ...scenarioOf(topology, capturePath('zeek/wikipedia.pcap'), 'lan:in', { name: 'wikipedia.pcap', l2: 'adapt' }),
    stations: [
      {
        name: 'gateway',
        port: at('r:uplink'),
        mac: mac`02:00:00:00:00:fe`,
        addresses: [ip`203.0.113.1`],
        addresses6: [],
        delay: 1500, // so slow that the router asks again, when chance has it
      },
    ],
    events: [
      {
        at: instantOf(1, 0),
        what: { kind: 'update', class: 'Port', id: at('r:uplink'), fields: { adminStateUp: false } },
      },
      {
        at: instantOf(2, 0),
        what: { kind: 'update', class: 'Port', id: at('r:uplink'), fields: { adminStateUp: true } },
      },
      { at: instantOf(3, 0), what: { kind: 'link', port: at('lan:out'), isUp: false } },
    ],
  };
}
