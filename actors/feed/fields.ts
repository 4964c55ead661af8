import { parseUuid, type Uuid } from '../../topology/model/ids.ts';
import { parseIpv4, type Ipv4 } from '../../topology/model/ipv4.ts';
import type { JsonObject } from '../../topology/model/json.ts';
import { parseMac, type Mac } from '../../topology/model/mac.ts';

// Reads the fields of stored objects. What is not of the right kind counts as absent: a record written by hand must not stop a
// network, and the checks of files and the API name what is wrong before it is stored.

export function textOf(fields: JsonObject, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' ? value : undefined;
}

export function numberOf(fields: JsonObject, name: string): number | undefined {
  const value = fields[name];
  return typeof value === 'number' ? value : undefined;
}

/** Absent counts as `otherwise`: up for most devices (spec 10 §1), down for routers. */
export function flagOf(fields: JsonObject, name: string, otherwise: boolean): boolean {
  const value = fields[name];
  return typeof value === 'boolean' ? value : otherwise;
}

export function uuidOf(fields: JsonObject, name: string): Uuid | undefined {
  return parseUuid(textOf(fields, name) ?? '');
}

export function ipv4Of(fields: JsonObject, name: string): Ipv4 | undefined {
  return parseIpv4(textOf(fields, name) ?? '');
}

export function macOf(fields: JsonObject, name: string): Mac | undefined {
  return parseMac(textOf(fields, name) ?? '');
}

export function textsOf(fields: JsonObject, name: string): readonly string[] {
  const value = fields[name];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}
