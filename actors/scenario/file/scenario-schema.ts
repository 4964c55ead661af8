import type { Static } from 'typebox';
import { IPV4_ADDRESS, IPV4_PREFIX, MAC } from '../../../topology/model/schema/fields.ts';
import {
  closed,
  either,
  flag,
  list,
  mapping,
  oneOf,
  orNothing,
  schemaOf,
  text,
  whole,
} from '../../../topology/model/schema/json-schema.ts';
import { NAME, TOPOLOGY_FILE } from '../../../topology/file/topology-schema.ts';
import { DROP_REASONS } from '../../../simulation/verdict.ts';
import { DURATION_PATTERN } from '../duration.ts';

// The scenario file. Its names are resolved against its topology afterwards, so here they are texts only.

const ANY_NAME = text('a name', '\\S', { maxLength: 200 });
const A_FILE = text('a file, relative to this one', '\\S');
const PORT = text('a port, as device:port or by its name alone', '\\S', { maxLength: 200 });

/** Seconds as a number, or with units: `1m30s`. */
const DURATION = either(
  [
    schemaOf<number>({ type: 'number', minimum: 0, maximum: 1e9, title: 'seconds from 0 to 1000000000' }),
    text('a duration, such as 1m30s, 2s or 250ms', DURATION_PATTERN, { maxLength: 60 }),
  ],
  { title: 'a time in seconds, or such as 1m30s or 250ms' },
);

const TRUTH = flag();
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

/** A field's value: text, or a number or truth as YAML reads it. */
const VALUE = either([schemaOf<string>({ type: 'string' }), schemaOf<number>({ type: 'number' }), TRUTH], {
  title: 'a value of a field',
});

const FIELDS = mapping(ANY_NAME, VALUE, { title: "a map from Wireshark's field names to values" });

const COUNT = either(
  [
    whole(0, Number.MAX_SAFE_INTEGER, { title: 'a count' }),
    text('a count, such as 3, 2+ or 2..5', '^\\d{1,15}(\\+|\\.\\.\\d{1,15})?$'),
  ],
  { title: 'a count, such as 3, 2+ or 2..5', default: 1 },
);

/** A map with the keys of an expectation, and fields of frames beside them. */
const FRAME = schemaOf<FrameSpec>({
  type: 'object',
  title: 'an expected frame',
  description: "Wireshark's field names with values as tshark prints them, or what follows.",
  properties: {
    count: { ...COUNT, description: 'How many such frames: 3, at least two (2+), two to five (2..5).' },
    within: list(DURATION, { minItems: 2, maxItems: 2, title: 'two times, as [0, 5s]', description: 'Both included.' }),
    bytes: text('octets in hexadecimal', '^[0-9a-fA-F:\\s]+$', { description: 'The frame whole.' }),
    exact: { ...TRUTH, description: 'The frame has no fields but those named and those ignored.' },
    ignore: list(ANY_NAME, { title: 'a list of fields', description: 'With "exact": fields, or whole layers (tcp).' }),
    never: { ...FIELDS, description: 'No such frame may come.' },
    allow_other: { ...TRUTH, description: 'Alone: whether frames that nobody expects are fine at this port.' },
  },
  additionalProperties: VALUE,
});

interface FrameSpec {
  readonly count?: number | string;
  readonly within?: readonly (number | string)[];
  readonly bytes?: string;
  readonly exact?: boolean;
  readonly ignore?: readonly string[];
  readonly never?: Readonly<Record<string, string | number | boolean>>;
  readonly allow_other?: boolean;
}

const EXPECT = closed(
  {},
  {
    allow_other: {
      ...TRUTH,
      description: 'Whether frames that nobody expects are fine. True when absent and no "frames" are given.',
    },
    frames: orNothing(
      mapping(ANY_NAME, orNothing(list(FRAME, { title: 'a list of expected frames' })), {
        title: 'a map from ports to expected frames',
      }),
    ),
    drops: orNothing(
      list(
        closed(
          { reason: oneOf(Object.keys(DROP_REASONS), { title: 'a reason of a drop, such as ttl-expired' }) },
          {
            match: { ...FIELDS, description: 'Fields of the packets as they came in.' },
            count: COUNT,
            port: { ...PORT, description: 'Where the packets came in; any when absent.' },
          },
          { title: 'an expected drop' },
        ),
        { title: 'a list of expected drops' },
      ),
    ),
    flows: orNothing(
      list(
        closed(
          {},
          {
            match: FIELDS,
            mask: list(ANY_NAME, { title: 'a list of fields', description: 'All fields that the flow matches on.' }),
            actions: list(ANY_NAME, { title: 'a list of actions', description: 'As traces print them, in order.' }),
            count: COUNT,
          },
          { title: 'an expected flow' },
        ),
        { title: 'a list of expected flows' },
      ),
    ),
    paths: orNothing(
      list(
        closed(
          {
            match: FIELDS,
            path: list(ANY_NAME, {
              minItems: 1,
              title: 'a list of devices',
              description: 'In order; "..." stands for any devices between.',
            }),
          },
          {},
          { title: 'an expected path' },
        ),
        { title: 'a list of expected paths' },
      ),
    ),
  },
  { title: '"expect"' },
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
export type ExpectSpec = Static<typeof EXPECT>;
export type { FrameSpec };
