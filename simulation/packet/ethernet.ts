/** Octets of the two addresses: where the first tag or the ethertype lies. */
export const ETHERNET_ADDRESSES = 12;
/** Octets of an untagged Ethernet II header. */
export const ETHERNET_HEADER = 14;
/** Octets of a VLAN tag: TPID and TCI (IEEE 802.1Q-2022, 9.5). */
export const VLAN_TAG = 4;
/** The shortest frame without its check sequence: shorter payloads are padded (IEEE 802.3-2022, 4.2.3.3). */
export const SHORTEST_FRAME = 60;

/** Type/length fields from here on are ethertypes (IEEE 802.3-2022, 3.2.6). */
export const FIRST_ETHERTYPE = 0x0600;
export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_ARP = 0x0806;
/** The tag of a customer VLAN. */
export const TPID_C_TAG = 0x8100;
export const ETHERTYPE_IPV6 = 0x86dd;
/** The tag of a service VLAN. */
export const TPID_S_TAG = 0x88a8;
/** The outer tag of switches older than 802.1ad. */
const TPID_OLD_S_TAG = 0x9100;

/** Whether a type field begins a VLAN tag. */
export function isTpid(type: number): boolean {
  return type === TPID_C_TAG || type === TPID_S_TAG || type === TPID_OLD_S_TAG;
}
