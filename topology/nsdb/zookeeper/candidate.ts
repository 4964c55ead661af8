import type { ElectionListener } from '../nsdb.ts';
import type { Observation } from '../observation.ts';
import { electionPath } from '../paths.ts';
import type { Link } from './link.ts';
import { QueuePlace } from './queue-place.ts';

/** Stands for a role until closed; anew, behind the others, under each new session. */
export function stand(link: Link, role: string, listener: ElectionListener): Observation {
  let isLeading: boolean | undefined;
  let isClosed = false;
  const tell = (isFirst: boolean) => {
    if (isClosed || isLeading === isFirst) return;
    isLeading = isFirst;
    link.tell(() => (isFirst ? listener.leading() : listener.following()));
  };
  const place = new QueuePlace(link, electionPath(role), true, { placed: tell, lost: () => tell(false) });
  link.whenUp(() => place.join());
  return {
    close: () => {
      if (isClosed) return;
      isClosed = true;
      void place.leave();
    },
  };
}
