import { either, flag, schemaOf, text } from '../../../topology/model/schema/json-schema.ts';
import { DURATION_PATTERN } from '../duration.ts';

// Values that stand in several sections of a scenario file.

export const ANY_NAME = text('a name', '\\S', { maxLength: 200 });
export const PORT = text('a port, as device:port or by its name alone', '\\S', { maxLength: 200 });

/** Seconds as a number, or with units: `1m30s`. */
export const DURATION = either(
  [
    schemaOf<number>({ type: 'number', minimum: 0, maximum: 1e9, title: 'seconds from 0 to 1000000000' }),
    text('a duration, such as 1m30s, 2s or 250ms', DURATION_PATTERN, { maxLength: 60 }),
  ],
  { title: 'a time in seconds, or such as 1m30s or 250ms' },
);

export const TRUTH = flag();
