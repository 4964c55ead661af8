import type { Static, TUnsafe } from 'typebox';

export type JsonType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null';

/**
 * The part of JSON Schema (draft 2020-12) that our schemas use. They are plain data: what is written here is what is published,
 * what editors complete by and what the loader walks.
 *
 * `title` says what is expected, so that it reads after "expected": "a MAC address, such as 02:00:00:00:00:01".
 */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly type?: JsonType | readonly JsonType[];
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/**
 * A schema and the type of what it describes. TypeBox gives the type alone, so none of it is loaded when we run:
 * its builders would take longer to load than a short command to run.
 */
export type Schema<T> = JsonSchema & TUnsafe<T>;

type Schemas = Readonly<Record<string, Schema<unknown>>>;

type Flat<T> = { readonly [Key in keyof T]: T[Key] };

/** What the properties of an object come to: these are there, those may be. */
export type ObjectOf<Required extends Schemas, Optional extends Schemas> = Flat<
  { [Key in keyof Required]: Static<Required[Key]> } & { [Key in keyof Optional]?: Static<Optional[Key]> }
>;

/** Vouches that what `schema` admits is a `T`. */
export function schemaOf<T>(schema: JsonSchema): Schema<T> {
  return schema as Schema<T>;
}

/** A text of one pattern; `T` is what such a text is called here. */
export function text<T extends string = string>(title: string, pattern: string, more: JsonSchema = {}): Schema<T> {
  return schemaOf({ type: 'string', title, pattern, ...more });
}

/** One of a few words. */
export function oneOf<const Word extends string>(words: readonly Word[], more: JsonSchema = {}): Schema<Word> {
  return schemaOf({ type: 'string', enum: words, ...more });
}

export function flag(more: JsonSchema = {}): Schema<boolean> {
  return schemaOf({ type: 'boolean', title: 'true or false', ...more });
}

/** A whole number within bounds, both included. */
export function whole(minimum: number, maximum: number, more: JsonSchema = {}): Schema<number> {
  return schemaOf({
    type: 'integer',
    title: `a whole number from ${minimum} to ${maximum}`,
    minimum,
    maximum,
    ...more,
  });
}

export function list<T>(items: Schema<T>, more: JsonSchema = {}): Schema<readonly T[]> {
  return schemaOf({ type: 'array', items, ...more });
}

/** An object with these properties, those if need be, and no others. */
export function closed<Required extends Schemas, Optional extends Schemas>(
  required: Required,
  optional: Optional,
  more: JsonSchema = {},
): Schema<ObjectOf<Required, Optional>> {
  return schemaOf({ ...open(required, optional, more), additionalProperties: false });
}

/** An object with these properties, those if need be, and whatever else a newer version may have put there. */
export function open<Required extends Schemas, Optional extends Schemas>(
  required: Required,
  optional: Optional,
  more: JsonSchema = {},
): Schema<ObjectOf<Required, Optional>> {
  const names = Object.keys(required);
  return schemaOf({
    type: 'object',
    ...more,
    properties: { ...required, ...optional },
    ...(names.length > 0 && { required: names }),
  });
}

/** An object from names to values of one kind. */
export function mapping<T>(
  names: JsonSchema,
  values: Schema<T>,
  more: JsonSchema = {},
): Schema<Readonly<Record<string, T>>> {
  return schemaOf({ type: 'object', ...more, propertyNames: names, additionalProperties: values });
}

/** A value that fits any of the schemas. */
export function either<T extends readonly Schema<unknown>[]>(
  choices: T,
  more: JsonSchema = {},
): Schema<Static<T[number]>> {
  return schemaOf({ ...more, anyOf: choices });
}

/** What the schema admits, or null: `ports:` with nothing behind it. */
export function orNothing<T>(schema: Schema<T>): Schema<T | null> {
  const types = typesOf(schema);
  return schemaOf({ ...schema, type: [...types, 'null'] });
}

/** The types that a schema admits; none where it does not say. */
export function typesOf({ type }: JsonSchema): readonly JsonType[] {
  return type === undefined ? [] : typeof type === 'string' ? [type] : type;
}
