import type { Millis } from '../model/time.ts';
import type { Connection } from './nsdb.ts';

/** How a handle stands with the database, for people. Times are those of the clock that the database was opened with. */
export function formatConnection(connection: Connection): string {
  switch (connection.kind) {
    case 'connected':
      return 'connected';
    case 'suspended':
      return `read only, since ${formatTime(connection.since)}: ${why(connection)}`;
    case 'expired':
      return `read only: the session ended at ${formatTime(connection.since)}, with all it owned, and ${why(connection)}`;
    case 'closed':
      return 'closed';
    default:
      return connection;
  }
}

function why({ isBehind }: { readonly isBehind?: true }): string {
  return isBehind === true ? "the server's data are older than what was seen" : 'no server answers';
}

function formatTime(time: Millis): string {
  return new Date(time).toISOString();
}
