import type { Static } from 'typebox';
import { DROP_REASONS } from '../../../simulation/verdict.ts';
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
import { ANY_NAME, DURATION, PORT, TRUTH } from './scenario-fields.ts';

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

export interface FrameSpec {
  readonly count?: number | string;
  readonly within?: readonly (number | string)[];
  readonly bytes?: string;
  readonly exact?: boolean;
  readonly ignore?: readonly string[];
  readonly never?: Readonly<Record<string, string | number | boolean>>;
  readonly allow_other?: boolean;
}

/** The section `expect`. */
export const EXPECT = closed(
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

export type ExpectSpec = Static<typeof EXPECT>;
