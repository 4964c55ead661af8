import type { Static } from 'typebox';
import { IPV4_ADDRESS, IPV4_PREFIX, MAC } from '../../../topology/model/schema/fields.ts';
import {
  closed,
  either,
  list,
  mapping,
  oneOf,
  orNothing,
  schemaOf,
  text,
  whole,
} from '../../../topology/model/schema/json-schema.ts';
import { NAME, TOPOLOGY_FILE } from '../../../topology/file/topology-schema.ts';
import { EXPECT } from './expect-schema.ts';
import { ANY_NAME, DURATION, PORT, TRUTH } from './scenario-fields.ts';

// The scenario file. Its names are resolved against its topology afterwards, so here they are texts only.

const A_FILE = text('a file, relative to this one', '\\S');
const IPV6_ADDRESS_OR_IPV4 = text('an address, such as 10.0.1.10', '^[0-9a-fA-F.:]+$', { maxLength: 60 });

const STATION = closed(
  { port: { ...PORT, description: 'The exterior port it is plugged into.' } },
  {
    mac: { ...MAC, description: 'Derived from the name when absent.' },
    address: { ...IPV6_ADDRESS_OR_IPV4, description: 'For one address.' },
    addresses: list(IPV6_ADDRESS_OR_IPV4, { title: 'a list of addresses', description: 'For several.' }),
    delay: { ...DURATION, default: '100us', description: 'Between a request and its answer.' },
  },
  { title: 'a station', description: 'A host plugged into a port. It answers ARP, and ping for its addresses.' },
);

const SELECTOR = closed(
  {},
  {
    interface: either([ANY_NAME, whole(0, 0xffff_ffff)], {
      title: 'an interface of the capture, by name or number',
      description: 'Of a pcapng file; numbers count from 0.',
    }),
    mac: { ...MAC, description: 'The source MAC address.' },
    address: text('an IPv4 address or prefix', '^[0-9.]+(/[0-9]+)?$', {
      description: 'The source; of ARP the sender.',
    }),
    filter: text('a frame filter, such as "udp port 53"', '\\S', { maxLength: 10_000 }),
  },
  { title: 'a selector', description: 'Takes the frames for which all of it is true; an empty one takes all.' },
);

const INPUT = closed(
  { capture: { ...A_FILE, description: 'A pcap or pcapng file.' } },
  {
    name: { ...ANY_NAME, description: 'What it is called in outputs; the file as written when absent.' },
    l2: oneOf(['keep', 'adapt'], {
      default: 'keep',
      description: 'adapt gives frames the MAC addresses that this network expects.',
    }),
    time: closed(
      {},
      {
        align: oneOf(['start', 'capture'], {
          default: 'start',
          description: 'start: the first frame comes at 0. capture: captures so aligned keep their distance in time.',
        }),
        offset: { ...DURATION, default: 0 },
        speed: schemaOf<number>({
          type: 'number',
          minimum: 1e-6,
          maximum: 1e6,
          title: 'a speed above 0, such as 2',
          default: 1,
        }),
      },
      { title: '"time"' },
    ),
    into: either(
      [
        PORT,
        mapping(
          ANY_NAME,
          either([SELECTOR, list(SELECTOR), schemaOf<null>({ type: 'null' })], {
            title: 'a selector or a list of selectors',
          }),
          {
            title: 'a port, or a map from ports to selectors',
          },
        ),
      ],
      {
        title: 'a port, or a map from ports to selectors',
        description: 'Where frames enter. The first selector that takes a frame has it.',
      },
    ),
    else: text('a port, or "drop"', '\\S', {
      default: 'drop',
      description: 'Where frames enter that no selector takes; "drop" leaves them out, counted.',
    }),
  },
  { title: 'an input' },
);

const EVENT = closed(
  { at: DURATION },
  {
    port: { ...PORT, description: 'With "up": its administrative state. With "link": of the interface behind it.' },
    bridge: { ...ANY_NAME, description: 'With "up".' },
    router: { ...ANY_NAME, description: 'With "up".' },
    up: TRUTH,
    link: oneOf(['up', 'down'], { description: 'Of the interface behind "port".' }),
    route: closed(
      { router: ANY_NAME, to: IPV4_PREFIX },
      {
        from: { ...IPV4_PREFIX, default: '0.0.0.0/0' },
        via: IPV4_ADDRESS,
        port: PORT,
        action: oneOf(['blackhole', 'reject']),
        weight: whole(0, 0x7fff_ffff, { default: 100 }),
      },
      { title: 'a route of a router', description: 'By its content; to remove one, as much as tells it from others.' },
    ),
    do: oneOf(['add', 'remove'], { description: 'With "route".' }),
    station: { ...ANY_NAME, description: 'With "to": plugged in elsewhere.' },
    to: PORT,
    kill: { ...ANY_NAME, description: 'A host whose agent dies without a word.' },
    partition: { ...ANY_NAME, description: 'A host that is cut off from the database.' },
    heal: { ...ANY_NAME, description: 'A host that reaches the database again.' },
  },
  { title: 'an event' },
);

/** The schema of scenario files, as published. */
export const SCENARIO_FILE = closed(
  {
    topology: either([A_FILE, TOPOLOGY_FILE], {
      title: 'a topology file, relative to this one, or a topology',
    }),
  },
  {
    seed: whole(0, 0xffff_ffff, { default: 0, description: 'Of all chance in the run.' }),
    until: { ...DURATION, description: 'The run ends then. When absent: as soon as no packet is pending.' },
    stations: orNothing(mapping(NAME, STATION, { title: 'a map of stations by name' })),
    inputs: orNothing(list(INPUT, { title: 'a list of inputs' })),
    events: orNothing(list(EVENT, { title: 'a list of events' })),
    expect: orNothing(EXPECT),
  },
  {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'a scenario',
    description: 'A Troupe scenario: a topology, what is played into it, what happens, and what is expected.',
  },
);

export type ScenarioFile = Static<typeof SCENARIO_FILE>;
export type StationSpec = Static<typeof STATION>;
export type InputSpec = Static<typeof INPUT>;
export type SelectorSpec = Static<typeof SELECTOR>;
export type EventSpec = Static<typeof EVENT>;
