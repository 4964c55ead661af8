import type { Static } from 'typebox';
import { IP_ADDRESS, MAC, NAME, UUID } from '../schema/fields.ts';
import { flag, list, oneOf, open, whole } from '../schema/json-schema.ts';

const INTERFACE = open(
  {
    name: NAME,
    type: oneOf(['PHYSICAL', 'VIRTUAL', 'TUNNEL', 'UNKNOWN']),
    addresses: list(IP_ADDRESS),
    /** Whether it is switched on. */
    up: flag(),
    /** Whether something answers at the other end of the cable. */
    hasLink: flag(),
    /** In bytes; a loopback interface has more than 65535. */
    mtu: whole(0, 0xffff_ffff),
    /** What it leads to. */
    endpoint: oneOf(['DATAPATH', 'PHYSICAL', 'VM', 'GRE', 'CAPWAP', 'LOCALHOST', 'TUNTAP', 'UNKNOWN']),
  },
  { mac: MAC },
  { title: 'an interface' },
);

/** A machine's network interfaces, as its agent found them at its last scan, and which host they are of (spec 70 §1.1). */
export const HOST_INTERFACES_STATE = open(
  { hostId: UUID, interfaces: list(INTERFACE) },
  {},
  { title: "a host's interfaces" },
);

export type HostInterfaces = Static<typeof HOST_INTERFACES_STATE>;
