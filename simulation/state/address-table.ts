import type { DeviceId } from '../../topology/model/ids.ts';
import { formatIpv4, type Ipv4 } from '../../topology/model/ipv4.ts';
import { formatMac, type Mac } from '../../topology/model/mac.ts';
import type { Decider, Proposal } from '../packet/packet.ts';
import { tagOf, type Tag } from '../tag.ts';

/** An address of a station: an entry of an {@link AddressTable}. */
export interface AddressEntry extends Decider {
  readonly address: Ipv4;
  readonly mac: Mac;
}

/** Writes to the replicated table behind an {@link AddressTable}. */
export interface AddressWriter {
  /** Replaces the entry that this agent learned of the address, if any. */
  replace(address: Ipv4, mac: Mac): void;
}

/**
 * Which MAC address has an IPv4 address on the segment of a bridge: one agent's copy of the replicated table. Bridges answer ARP
 * requests out of it, and the routers linked to them read it (spec 30 §9).
 */
export class AddressTable {
  readonly bridge: DeviceId;
  readonly #writer: AddressWriter;
  readonly #entries = new Map<Ipv4, AddressEntry>();

  constructor(bridge: DeviceId, writer: AddressWriter) {
    this.bridge = bridge;
    this.#writer = writer;
  }

  macOf(address: Ipv4): Mac | undefined {
    return this.#entries.get(address)?.mac;
  }

  entryOf(address: Ipv4): AddressEntry | undefined {
    return this.#entries.get(address);
  }

  entries(): IterableIterator<AddressEntry> {
    return this.#entries.values();
  }

  /** The wish that the table say so: a gratuitous ARP was heard (spec 20 §5). */
  proposalOf(address: Ipv4, mac: Mac): Proposal {
    return { carryOut: () => this.#writer.replace(address, mac) };
  }

  /** The table says that `mac` has the address now. Returns the tags to invalidate. */
  set(address: Ipv4, mac: Mac): Tag[] {
    const before = this.macOf(address);
    const describe = (): string => `address ${formatIpv4(address)} at ${formatMac(mac)}`;
    this.#entries.set(address, { address, mac, number: 0, describe });
    return tagsOfAddressChange(this.bridge, address, before, mac);
  }

  /** The table has no entry of the address any more. Returns the tags to invalidate. */
  delete(address: Ipv4): Tag[] {
    const before = this.macOf(address);
    this.#entries.delete(address);
    return tagsOfAddressChange(this.bridge, address, before, undefined);
  }
}

/** The tags that a change of an address table invalidates: what bridge and routers make of the address differs (C6). */
function tagsOfAddressChange(bridge: DeviceId, address: Ipv4, before: Mac | undefined, after: Mac | undefined): Tag[] {
  return before === after ? [] : [tagOf('ArpAnswer', bridge, address)];
}
