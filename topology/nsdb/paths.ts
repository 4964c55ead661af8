import type { ClassName } from '../model/bindings.ts';
import type { Uuid } from '../model/ids.ts';
import { formatIp, type Ip } from '../model/ip.ts';
import type { TablePlace } from './state-table.ts';

/**
 * Names of nodes in the tree of the network state database (spec 10 §4), below its root. The embedded one has no tree, but the
 * same names: they order, identify and weigh things alike.
 */
export function objectPath(cls: ClassName, id: Uuid): string {
  return `/zoom/0/models/${cls}/${id}`;
}

/** Where it is written down who wrote an object. */
export function provenancePath(cls: ClassName, id: Uuid): string {
  return `/zoom/0/objects/${cls}/${id}`;
}

/** The parent of the back-references of one field of an object: each referrer is a child named by its id. */
export function referrersPath(cls: ClassName, id: Uuid, backField: string): string {
  return `/zoom/0/referrers/${cls}/${id}/${backField}`;
}

export function statePath(namespace: Uuid, cls: ClassName, id: Uuid, key: string): string {
  return `/zoom/0/state/${namespace}/${cls}/${id}/${key}`;
}

export function tablePath(cls: ClassName | 'global', table: string, { owner, arg }: TablePlace): string {
  const head = owner === undefined ? `/zoom/0/tables/global/${table}` : `/zoom/0/tables/${cls}/${owner}/${table}`;
  return arg === undefined ? head : `${head}/${arg}`;
}

export function electionPath(role: string): string {
  return `/elections/${encodeName(role)}`;
}

export function lockPath(name: string): string {
  return `/zoom/0/locks/${encodeName(name)}`;
}

export function sequencePath(sequence: string): string {
  return `/sequences/${sequence}`;
}

/** All blocks of ports that were ever leased. */
export const NAT_PATH = '/nat';

/** The blocks of one address of a device (spec 40 §8). */
export function natPath(device: Uuid, ip: Ip): string {
  return `${NAT_PATH}/${device}/${encodeName(formatIp(ip))}`;
}

const SAFE = /^[\w:;-][\w.:;-]*$/;
// What separates names or parts of one, what ZooKeeper forbids (all beyond the basic plane too), and the escape itself.
const UNSAFE = /[%/,\p{Cc}\p{Cs}\p{Co}\ufff0-\uffff\u{10000}-\u{10ffff}]/gu;

/** Any text as a part of a node's name: `%` and two hexadecimal digits for each octet in UTF-8 of what may not stand there. */
export function encodeName(text: string): string {
  if (SAFE.test(text)) return text;
  if (text === '.' || text === '..') return text.replaceAll('.', '%2E');
  return text.replaceAll(UNSAFE, (char: string) => {
    const octets = [...new TextEncoder().encode(char)];
    return octets.map((octet) => `%${octet.toString(16).toUpperCase().padStart(2, '0')}`).join('');
  });
}

/** The reverse of {@link encodeName}; undefined if the name is not one that it makes. */
export function decodeName(name: string): string | undefined {
  if (SAFE.test(name)) return name;
  try {
    const text = decodeURIComponent(name);
    return encodeName(text) === name ? text : undefined;
  } catch {
    return undefined;
  }
}
