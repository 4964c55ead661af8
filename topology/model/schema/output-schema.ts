import type { JsonSchema } from './json-schema.ts';

// How schemas of what we write are put together.

/** The properties that may be undefined: JSON leaves them out. */
type Omissible<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T];

/**
 * The schema of an interface: the compiler sees to it that every property has one, and that just those which may be undefined are
 * not required. Properties that a reader does not know are lawful: later versions may add some.
 */
export function objectOf<T>(
  properties: Readonly<Record<keyof T & string, JsonSchema>>,
  omissible: Readonly<Record<Omissible<T> & string, true>>,
): JsonSchema {
  return { type: 'object', required: Object.keys(properties).filter((name) => !(name in omissible)), properties };
}

/** Of all that we write for programs; one that breaks them gets another number. */
export const VERSION: JsonSchema = { type: 'integer', minimum: 1, maximum: 1 };
export const COUNT: JsonSchema = { type: 'integer', minimum: 0 };
export const BOOLEAN: JsonSchema = { type: 'boolean' };

export function text(description?: string): JsonSchema {
  return description === undefined ? { type: 'string' } : { type: 'string', description };
}

export function word(...words: readonly string[]): JsonSchema {
  return { type: 'string', enum: words };
}

export function list(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

/** A schema that is published. */
export function titled(title: string, schema: JsonSchema): JsonSchema {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title, ...schema };
}
