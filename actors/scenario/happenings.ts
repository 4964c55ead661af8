import type { Uuid } from '../../topology/model/ids.ts';
import type { JsonObject } from '../../topology/model/json.ts';
import type { Nsdb } from '../../topology/nsdb/nsdb.ts';
import type { Hosts } from './hosts.ts';
import type { Happening } from './scenario.ts';

/** The parts of a run that events reach. */
export interface Reach {
  readonly nsdb: Nsdb;
  readonly hosts: Hosts;
  move(station: string, to: Uuid): void;
}

/**
 * Makes an event happen.
 *
 * @throws NsdbError when the database refuses the change: what the event is about is gone, or still referred to
 */
export async function happen(what: Happening, reach: Reach): Promise<void> {
  switch (what.kind) {
    case 'update':
      await reach.nsdb.transact((transaction) =>
        transaction.update(what.class, what.id, (fields) => merged(fields, what.fields)),
      );
      break;
    case 'create':
      await reach.nsdb.transact((transaction) => transaction.create(what.class, what.id, what.fields));
      break;
    case 'delete':
      await reach.nsdb.transact((transaction) => transaction.delete(what.class, what.id));
      break;
    case 'link':
      reach.hosts.link(what.port, what.isUp);
      break;
    case 'move':
      reach.move(what.station, what.to);
      break;
    case 'kill':
      reach.hosts.kill(what.host);
      break;
    case 'partition':
      reach.hosts.partition(what.host, what.isCut);
  }
}

/** Fields with changes: null takes one away. */
function merged(fields: JsonObject, changes: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries({ ...fields, ...changes }).filter(([, value]) => value !== null));
}
