import { parseZookeeperUrl, type ZookeeperAddress } from '../../topology/nsdb/zookeeper/address.ts';

/** Where the network state database is: in this process, or in ZooKeeper. */
export type NsdbAddress =
  { readonly kind: 'embedded' } | { readonly kind: 'zookeeper'; readonly address: ZookeeperAddress };

/** Reads `embedded`, or a URL as {@link parseZookeeperUrl} does; undefined if the text is anything else. */
export function parseNsdbAddress(text: string): NsdbAddress | undefined {
  if (text === 'embedded') return { kind: 'embedded' };
  const address = parseZookeeperUrl(text);
  return address && { kind: 'zookeeper', address };
}

/** For people: without the password. */
export function formatNsdbAddress(nsdb: NsdbAddress): string {
  if (nsdb.kind === 'embedded') return 'embedded';
  const { servers, root, credentials } = nsdb.address;
  return `zookeeper://${encodeURIComponent(credentials.user)}:***@${servers}${root}`;
}

/** A text that may be meant for an address, without what may be meant for a password: all between the first `:` and the last `@` behind `//`. */
export function maskPassword(text: string): string {
  return text.replace(/(?<=\/\/)([^:@]*):.*@/s, '$1:***@');
}
