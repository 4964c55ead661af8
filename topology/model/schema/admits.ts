import { isJsonArray, isJsonObject, type Json, type JsonObject } from '../json.ts';
import { typesOf, type JsonSchema } from './json-schema.ts';

/** Whether a schema admits a value. It does not say why not: files, whose errors have places, are checked by `topology/file`. */
export function admits(schema: JsonSchema, value: Json): boolean {
  if (schema.anyOf !== undefined && !schema.anyOf.some((choice) => admits(choice, value))) return false;
  const types = typesOf(schema);
  if (types.length > 0 && !types.some((type) => type === typeOf(value) || (type === 'number' && isNumber(value))))
    return false;
  if (typeof value === 'string') return isTextOf(value, schema);
  if (typeof value === 'number') return value >= (schema.minimum ?? -Infinity) && value <= (schema.maximum ?? Infinity);
  if (isJsonArray(value)) return isListOf(value, schema);
  return !isJsonObject(value) || isObjectOf(value, schema);
}

function isTextOf(value: string, { enum: words, pattern, minLength = 0, maxLength = Infinity }: JsonSchema): boolean {
  if (words?.includes(value) === false || (pattern !== undefined && !new RegExp(pattern, 'u').test(value)))
    return false;
  const { length } = Array.from(value); // of code points
  return length >= minLength && length <= maxLength;
}

function isListOf(value: readonly Json[], { items, minItems = 0, maxItems = Infinity }: JsonSchema): boolean {
  if (value.length < minItems || value.length > maxItems) return false;
  return items === undefined || value.every((item) => admits(items, item));
}

function isObjectOf(value: JsonObject, schema: JsonSchema): boolean {
  const { properties = {}, required = [], additionalProperties = true, propertyNames } = schema;
  if (!required.every((name) => Object.hasOwn(value, name))) return false;
  return Object.entries(value).every(([name, member]) => {
    if (propertyNames !== undefined && !admits(propertyNames, name)) return false;
    const known = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    return typeof known === 'object' ? admits(known, member) : known === true;
  });
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return isJsonArray(value) ? 'array' : typeof value;
}

function isNumber(value: Json): boolean {
  return typeof value === 'number';
}
