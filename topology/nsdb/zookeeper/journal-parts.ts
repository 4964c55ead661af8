import { isUtf8 } from 'node:buffer';
import type { NodeData } from './client/node.ts';
import { REQUEST_BYTES, type Operation } from './client/operation.ts';
import type { ZookeeperClient } from './client/zookeeper-client.ts';
import { JOURNAL } from './tree.ts';
import { ZookeeperError } from './zookeeper-error.ts';

/** Above the records of who wrote what. */
const RECORDS = '/zoom/0/objects/';
/** What one part may weigh; its text must fit into one node, its operations into one multi. */
const PART_BYTES = 450_000;

/** Cuts operations into parts that fit into a request each; checks are left out, for nobody else writes meanwhile. */
export function split(client: ZookeeperClient, operations: readonly Operation[]): readonly (readonly Operation[])[] {
  const parts: Operation[][] = [];
  let bytes = PART_BYTES;
  for (const operation of operations) {
    if (operation.kind === 'check') continue;
    const weight = client.weigh([operation]);
    // Who wrote an object is known by its record's having been written along with it.
    const isRecord = operation.path.startsWith(RECORDS);
    if (bytes + weight > PART_BYTES && !(isRecord && bytes < PART_BYTES)) {
      parts.push([]);
      bytes = 0;
    }
    bytes += weight;
    parts.at(-1)?.push(operation);
  }
  return parts;
}

export function partNode(id: string, n: number): string {
  return `${JOURNAL}/${id},${n}`;
}

/** Whether a name under the journal's node is that of a part, `<change>,<number>`. */
export function isPartName(name: string): boolean {
  return /^[\w-]+,\d+$/.test(name);
}

/** Writes a part down. Throws `too-large`. */
export function creationOf(client: ZookeeperClient, path: string, part: readonly Operation[]): Operation {
  const creation: Operation = { kind: 'create', path, data: formatPart(part) };
  if (client.weigh([creation]) > REQUEST_BYTES) throw tooLarge(client, part, creation.data.length);
  return creation;
}

/** Why a part cannot be written down: more than one operation has as much data only with records, which are small. */
function tooLarge(client: ZookeeperClient, part: readonly Operation[], bytes: number): ZookeeperError {
  const path = part.toSorted((a, b) => client.weigh([b]) - client.weigh([a]))[0]?.path ?? JOURNAL;
  const sentence = `${path} takes ${bytes} bytes as a part of a large change; ${REQUEST_BYTES} are possible in one request`;
  return new ZookeeperError('too-large', sentence, undefined, path);
}

/** One line for each operation: what to do, the path, and the data of those that have some; in base64 what is no line of text. */
function formatPart(part: readonly Operation[]): Buffer {
  const lines = part.map((operation) => {
    if (!('data' in operation)) return `${operation.kind} ${operation.path}`;
    const { kind, path, data } = operation;
    const isLine = isUtf8(data) && !data.includes('\n');
    return isLine ? `${kind} ${path} ${data.toString()}` : `${kind}64 ${path} ${data.toString('base64')}`;
  });
  return Buffer.from(lines.join('\n'));
}

/** Reads a part; undefined if it is none. */
export function parsePart({ data }: NodeData): readonly Operation[] | undefined {
  const operations: Operation[] = [];
  for (const line of data.toString().split('\n')) {
    const [, word = '', path = '', text = ''] = /^(\w+) (\/[^ ]+)(?: (.*))?$/.exec(line) ?? [];
    if (word === 'delete') operations.push({ kind: word, path });
    else if (word === 'create' || word === 'set') operations.push({ kind: word, path, data: Buffer.from(text) });
    else if (word === 'create64') operations.push({ kind: 'create', path, data: Buffer.from(text, 'base64') });
    else if (word === 'set64') operations.push({ kind: 'set', path, data: Buffer.from(text, 'base64') });
    else return undefined;
  }
  return operations;
}
