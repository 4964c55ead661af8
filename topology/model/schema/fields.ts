import type { Uuid } from '../ids.ts';
import { flag, text, whole } from './json-schema.ts';

// What the fields of records are made of: addresses and identifiers as canonical text, so that a record is plain JSON.

const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const IPV4 = `${OCTET}(\\.${OCTET}){3}`;

const GROUP = '[0-9a-fA-F]{1,4}';
/** Eight groups, or some of them before and some behind `::` (RFC 4291, section 2.2); not with an IPv4 address at its end. */
const IPV6 = [
  `(${GROUP}:){7}${GROUP}`,
  ...[1, 2, 3, 4, 5, 6].map((most) => `(${GROUP}:){1,${most}}(:${GROUP}){1,${7 - most}}`),
  `(${GROUP}:){1,7}:`,
  `:((:${GROUP}){1,7}|:)`,
].join('|');

export const UUID = text<Uuid>('a UUID', '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$');

export const MAC = text('a MAC address, such as 02:00:00:00:00:01', '^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$');

export const IPV4_ADDRESS = text('an IPv4 address, such as 10.0.0.1', `^${IPV4}$`);

export const IPV4_PREFIX = text('an IPv4 prefix, such as 10.0.0.0/8', `^${IPV4}/(3[0-2]|[12]?[0-9])$`);

export const IP_ADDRESS = text('an IPv4 or IPv6 address, such as 10.0.0.1 or fe80::1', `^(${IPV4}|${IPV6})$`);

/** Bytes of IP packet; 68 is what every IPv4 link must carry (RFC 791, section 3.2). */
export const MTU = whole(68, 65_535, { title: 'an MTU in bytes, from 68 to 65535' });

/** 12 bits; 0 stands for untagged, 4095 is reserved (IEEE 802.1Q-2022, 9.6). */
export const VLAN_ID = whole(0, 4094, { title: 'a VLAN id from 0 (untagged) to 4094' });

/** 24 bits, as VXLAN has room for (RFC 7348, section 5). */
export const TUNNEL_KEY = whole(1, 0xff_fffe);

export const UP = flag();

/** Unique under the object's parent; what people see instead of the id. */
export const NAME = text('a name', '^.+$', { maxLength: 255 });
