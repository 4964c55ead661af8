import type { Static } from 'typebox';
import { IPV4_ADDRESS, IPV4_PREFIX, MAC, MTU, UUID } from '../model/schema/fields.ts';
import { closed, flag, list, mapping, oneOf, orNothing, text, whole } from '../model/schema/json-schema.ts';

// The topology file. `null` is admitted wherever a map may be empty, so that `web-1:` alone is a port.

/** Letters and digits of any script, and `_ . + @ -` within: nothing that would break `device:port` or `host/interface`. */
const NAME_PATTERN = '[\\p{L}\\p{N}_][\\p{L}\\p{N}_.+@-]*';

export const NAME = text('a name: letters, digits and _, and further on . + @ - too', `^${NAME_PATTERN}$`, {
  maxLength: 100,
});

/** What an object is in the database, where the file's name for it does not say so: of what was not made from a file. */
const IDENTITY = {
  id: { ...UUID, description: 'Derived from the names when absent.' },
  label: orNothing(
    text('a name in the database, or nothing', '^.+$', {
      maxLength: 255,
      description: 'What it is called in the database, if not as here; nothing where it has no name there.',
    }),
  ),
};

const UP = flag({ default: true, description: 'Administrative state.' });

const ENDPOINT = text('a port, as device:port, or a device', `^${NAME_PATTERN}(:${NAME_PATTERN})?$`);

const PORT_REFERENCE = text('a port, as device:port or by its name alone', `^${NAME_PATTERN}(:${NAME_PATTERN})?$`);

const BINDING = text('an interface, as host/interface, or none', `^(${NAME_PATTERN}/)?[^\\s/:]+$`, {
  maxLength: 200,
  description: 'Where the port is plugged in; "none" leaves it unplugged.',
});

/** Written like a prefix, but with host bits. */
export const INTERFACE_ADDRESS = text(
  'an IPv4 address with its prefix length, such as 10.0.1.1/24',
  IPV4_PREFIX.pattern ?? '',
);

const GROUPS = list(NAME, { title: 'a list of port groups', description: 'The port groups that the port is in.' });

const HOST = orNothing(
  closed(
    {},
    {
      tunnel: orNothing(
        mapping(NAME, IPV4_ADDRESS, {
          title: 'a map from tunnel zones to addresses',
          description: 'Where tunnels end.',
        }),
      ),
      ...IDENTITY,
    },
    { title: 'a host' },
  ),
);

const TUNNEL_ZONE = orNothing(
  closed({}, { type: oneOf(['vxlan', 'gre', 'vtep'], { default: 'vxlan' }), ...IDENTITY }, { title: 'a tunnel zone' }),
);

const PORT_GROUP = orNothing(
  closed(
    {},
    { stateful: flag({ default: false }), ...IDENTITY },
    { title: 'a port group', description: 'Stateful: shares flow state.' },
  ),
);

const BRIDGE_PORT = orNothing(
  closed(
    {},
    {
      up: UP,
      bind: BINDING,
      link: ENDPOINT,
      vlan: whole(1, 4094, { title: 'a VLAN id from 1 to 4094', description: 'On a link to another bridge.' }),
      mtu: MTU,
      groups: GROUPS,
      ...IDENTITY,
    },
    { title: 'a bridge port' },
  ),
);

const BRIDGE = orNothing(
  closed(
    {},
    {
      up: UP,
      ports: orNothing(mapping(NAME, BRIDGE_PORT, { title: 'a map of ports by name' })),
      arp: orNothing(
        mapping(IPV4_ADDRESS, MAC, {
          title: 'a map from IPv4 addresses to MAC addresses',
          description: 'Addresses that the bridge answers ARP requests for.',
        }),
      ),
      macs: orNothing(
        mapping(MAC, PORT_REFERENCE, {
          title: 'a map from MAC addresses to ports',
          description: 'Stations whose port is known before they speak.',
        }),
      ),
      ...IDENTITY,
    },
    { title: 'a bridge' },
  ),
);

const ROUTER_PORT = orNothing(
  closed(
    {},
    {
      address: { ...INTERFACE_ADDRESS, description: 'Gives the port its connected and its local route as well.' },
      addressRoutes: flag({ default: true, description: 'Whether the address brings these routes along.' }),
      mac: { ...MAC, description: 'Derived from the name when absent.' },
      up: UP,
      bind: BINDING,
      link: ENDPOINT,
      mtu: MTU,
      groups: GROUPS,
      ...IDENTITY,
    },
    { title: 'a router port' },
  ),
);

const ROUTE = closed(
  { to: { ...IPV4_PREFIX, description: 'Destinations.' } },
  {
    from: { ...IPV4_PREFIX, default: '0.0.0.0/0', description: 'Sources.' },
    via: { ...IPV4_ADDRESS, description: 'The gateway; without one the destination is on the link.' },
    port: { ...PORT_REFERENCE, description: 'Derived from "via" when absent.' },
    action: oneOf(['blackhole', 'reject', 'local'], {
      description:
        'What becomes of packets that are not sent on; "local", with "port": they are for the router itself.',
    }),
    weight: whole(0, 0x7fff_ffff, { default: 100, description: 'Among routes of one prefix length the lowest wins.' }),
    name: NAME,
    ...IDENTITY,
  },
  { title: 'a route' },
);

const ROUTER = orNothing(
  closed(
    {},
    {
      up: UP,
      ports: orNothing(mapping(NAME, ROUTER_PORT, { title: 'a map of ports by name' })),
      routes: orNothing(list(ROUTE, { title: 'a list of routes' })),
      ...IDENTITY,
    },
    { title: 'a router' },
  ),
);

/** The schema of topology files, as published. */
export const TOPOLOGY_FILE = closed(
  {},
  {
    name: { ...NAME, description: 'What the topology is called; its ids do not depend on it.' },
    hosts: orNothing(mapping(NAME, HOST, { title: 'a map of hosts by name' })),
    tunnelZones: orNothing(mapping(NAME, TUNNEL_ZONE, { title: 'a map of tunnel zones by name' })),
    portGroups: orNothing(mapping(NAME, PORT_GROUP, { title: 'a map of port groups by name' })),
    bridges: orNothing(mapping(NAME, BRIDGE, { title: 'a map of bridges by name' })),
    routers: orNothing(mapping(NAME, ROUTER, { title: 'a map of routers by name' })),
    links: orNothing(
      list(list(ENDPOINT, { minItems: 2, maxItems: 2, title: 'two ports, as [web:trunk, core:trunk]' }), {
        title: 'a list of links',
        description: 'Pairs of ports, where "link" at one of them would read less well.',
      }),
    ),
  },
  {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'a topology',
    description: 'A Troupe topology: hosts, bridges, routers, and how they are linked.',
  },
);

export type TopologyFile = Static<typeof TOPOLOGY_FILE>;
export type HostSpec = NonNullable<Static<typeof HOST>>;
export type BridgeSpec = NonNullable<Static<typeof BRIDGE>>;
export type BridgePortSpec = NonNullable<Static<typeof BRIDGE_PORT>>;
export type RouterSpec = NonNullable<Static<typeof ROUTER>>;
export type RouterPortSpec = NonNullable<Static<typeof ROUTER_PORT>>;
export type RouteSpec = Static<typeof ROUTE>;
