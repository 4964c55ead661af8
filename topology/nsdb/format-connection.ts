import type { Millis } from '../model/time.ts';
import type { Connection } from './nsdb.ts';

/** How a handle stands with the database, for people. Times are those of the clock that the database was opened with. */
export function formatConnection(connection: Connection): string {
  switch (connection.kind) {
    case 'connected':
      return 'connected';
    case 'suspended':
      return `read only, since ${formatTime(connection.since)}: no server answers`;
    case 'expired':
      return `read only: the session ended at ${formatTime(connection.since)}, with all it owned, and no server answers`;
    case 'closed':
      return 'closed';
    default:
      return connection;
  }
}

function formatTime(time: Millis): string {
  return new Date(time).toISOString();
}
