import type { ClassName } from '../../model/bindings.ts';
import type { Uuid } from '../../model/ids.ts';
import { isJsonObject, parseJson, type JsonObject } from '../../model/json.ts';
import type { NsdbObject, Provenance } from '../nsdb.ts';
import { NsdbError } from '../nsdb-error.ts';
import { objectPath } from '../paths.ts';
import type { NodeData } from './client.ts';

/** The newest record that this program can read. */
const RECORD = 1;

/** An object, and which making of it this is. */
export interface StoredObject {
  readonly object: NsdbObject;
  readonly incarnation: string;
}

export function formatObject(incarnation: string, fields: JsonObject): Buffer {
  return Buffer.from(JSON.stringify({ v: RECORD, made: incarnation, fields }));
}

/** Reads an object's record. Throws `invalid`, naming the node, where it is none or of a newer kind. */
export function parseObject(cls: ClassName, id: Uuid, { data, stat }: NodeData): StoredObject {
  const record = parseJson(data.toString());
  const [v, made, fields] = isJsonObject(record) ? [record['v'], record['made'], record['fields']] : [];
  if (typeof v === 'number' && v > RECORD)
    throw unreadable(cls, id, `its record is of version ${v}, newer than ${RECORD}`);
  if (typeof made !== 'string' || fields === undefined || !isJsonObject(fields)) {
    throw unreadable(cls, id, `${JSON.stringify(data.toString('utf8', 0, 60))} is no object's record`);
  }
  return { object: { class: cls, id, fields, version: String(stat.modified) }, incarnation: made };
}

export function formatProvenance(writer: string, change: Provenance['change']): Buffer {
  return Buffer.from(JSON.stringify({ writer, change, product: 'troupe' }));
}

export function parseProvenance({ data, stat }: NodeData, version: string): Provenance | undefined {
  const record = parseJson(data.toString());
  const writer = isJsonObject(record) ? record['writer'] : undefined;
  const change = isJsonObject(record) ? record['change'] : undefined;
  if (typeof writer !== 'string' || (change !== 'data' && change !== 'reference')) return undefined;
  return { writer, change, version, at: stat.modifiedAt };
}

function unreadable(cls: ClassName, id: Uuid, why: string): NsdbError {
  const sentence = `${objectPath(cls, id)}: ${why}. It is left out; delete or mend the node`;
  return new NsdbError('invalid', sentence, { class: cls, id });
}
