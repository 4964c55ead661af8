import type { FlowActions } from '../datapath/flow-actions.ts';
import type { FlowTable } from '../datapath/flow-table/flow-table.ts';
import type { Generated } from '../simulation/packet/packet.ts';
import type { Tag } from '../simulation/tag.ts';
import type { Timers } from '../topology/model/timers.ts';
import type { Nsdb } from '../topology/nsdb/nsdb.ts';
import type { ChangeLog } from './change-log.ts';
import type { Stage } from './comedy.ts';
import type { Courier } from './courier.ts';
import type { Directory } from './directory.ts';
import type { Awaited } from './waiting-room.ts';

/** What the devices of an agent share. */
export interface AgentParts {
  readonly nsdb: Nsdb;
  readonly timers: Timers;
  readonly stage: Stage;
  readonly courier: Courier;
  readonly directory: Directory;
  readonly flows: FlowTable<FlowActions>;
  /** A number in [0, 1), another each time, from the stream of whoever asks. */
  chance(asker: string): () => number;
  /** Removes the flows that rest on these facts. */
  readonly invalidate: (tags: readonly Tag[]) => void;
  /** Sends a packet that nobody's packet caused out by the egress of a port. */
  originate(generated: Generated): void;
  /** Where changes are followed. */
  readonly changes: ChangeLog | undefined;
  /** What packets wait for has come, or is known not to come. */
  found(what: Awaited): void;
}
