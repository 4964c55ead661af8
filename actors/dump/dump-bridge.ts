import type { FlowActions } from '../../datapath/flow-actions.ts';
import type { FlowTable } from '../../datapath/flow-table/flow-table.ts';
import type { AddressTable } from '../../simulation/state/address-table.ts';
import type { MacLearning } from '../../simulation/state/mac-learning.ts';
import type { MacTable } from '../../simulation/state/mac-table.ts';
import { tagOf } from '../../simulation/tag.ts';
import { formatIpv4 } from '../../topology/model/ipv4.ts';
import { formatMac } from '../../topology/model/mac.ts';
import type { Directory } from '../directory.ts';

/** What a bridge remembers. */
interface BridgeMemory {
  readonly stations: MacTable;
  readonly addresses: AddressTable;
  readonly learning: MacLearning;
}

/** What a bridge remembers, in lines: its tables, and for each station heard by how many flows it is kept, or until when. */
export function* dumpBridge(
  { stations, addresses, learning }: BridgeMemory,
  flows: FlowTable<FlowActions>,
  directory: Directory,
): Generator<string, void> {
  for (const { mac, vlan, port } of stations.stations()) {
    yield `station ${formatMac(mac)} vlan ${vlan} behind ${directory.nameOf(port)}`;
  }
  for (const { address, mac } of addresses.entries()) yield `address ${formatIpv4(address)} at ${formatMac(mac)}`;
  for (const { mac, vlan, port, holder, deadline } of learning.mappings()) {
    const keepers = flows.carriersOf(tagOf('Learned', stations.bridge, mac, vlan, port));
    const where = `behind ${directory.nameOf(port)}, in the table behind ${holder && directory.nameOf(holder)}`;
    yield `heard ${formatMac(mac)} vlan ${vlan} ${where}, kept by ${keepers} flows, idle until ${deadline}`;
  }
}
