import { askServer } from './four-letter-word.ts';
import { statusFrom } from './server-status.ts';
import { formatZxid, numberOfZxid, type Zxid } from './zxid.ts';

/** How long a server may take to say how far it has got, in milliseconds. */
const PATIENCE = 2000;

/**
 * Asks servers whether they refuse a client because it has seen more than they have: to the client they do not say so.
 *
 * @param servers `host:port,host:port`
 * @param seen the last transaction that the client has seen
 * @returns a sentence, when none that serves and says how far it has got (by `srvr`) has got as far, and at least one does; else undefined
 */
export async function behindOf(servers: string, seen: number): Promise<string | undefined> {
  const known = await Promise.all(servers.split(',').map((server) => reachedBy(server)));
  const all = known.filter((one) => one !== undefined);
  const [furthest] = all.toSorted((a, b) => numberOfZxid(b.zxid) - numberOfZxid(a.zxid));
  if (furthest === undefined || numberOfZxid(furthest.zxid) >= seen) return undefined;
  return (
    `the server's data are older than what was seen: ${furthest.server} has got as far as ${formatZxid(furthest.zxid)}, and ` +
    `${formatZxid(seen)} had been seen. If they were put back, or lost, on purpose, start this process again: it takes them as they are`
  );
}

interface Reached {
  readonly server: string;
  readonly zxid: Zxid;
}

/** How far a server that serves has got, if it tells. */
async function reachedBy(server: string): Promise<Reached | undefined> {
  const status = statusFrom(server, new Map([['srvr', await askServer(server, 'srvr', PATIENCE)]]));
  const zxid = status.kind === 'serving' ? status.figures.zxid : undefined;
  return zxid && { server, zxid };
}
