import { createHash } from 'node:crypto';
import { parseUuid, type Uuid } from '../model/ids.ts';
import { type Mac, macOf } from '../model/mac.ts';

/** The namespace of ids that come from names. It never changes: all ids of all files would. */
const NAMESPACE = Buffer.from('5d0f7a3c91b64f0e8a27c4d36e1b9f52', 'hex');

/**
 * The id of what stands at a path of names: the same in every version of a file, so that differences between two are real ones.
 *
 * @see RFC 9562, section 5.5 (UUIDv5)
 */
export function idOfPath(path: readonly string[]): Uuid {
  const digest = createHash('sha1').update(NAMESPACE).update(JSON.stringify(path)).digest();
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  const hex = digest.toString('hex', 0, 16);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  const id = parseUuid(parts.join('-'));
  if (id === undefined) throw new TypeError(`not a UUID: ${hex}`);
  return id;
}

/** The MAC address of a router port that was given none: individual, locally administered, 40 bits from its name (C35). */
export function macOfName(name: string): Mac {
  const digest = createHash('sha1').update(NAMESPACE).update(`mac ${name}`).digest();
  return macOf(0x0200 | (digest[0] ?? 0), digest.readUInt32BE(1));
}
