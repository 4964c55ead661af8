import type { Packet } from '../simulation/packet/packet.ts';
import { UNKEYED, WORD } from '../simulation/packet/flow-key.ts';
import type { TagNote } from '../simulation/tag.ts';
import { DROP_REASONS, type DropReason, type Need, type Verdict } from '../simulation/verdict.ts';
import type { DeviceId } from '../topology/model/ids.ts';
import { later } from '../topology/model/time.ts';
import type { Timers } from '../topology/model/timers.ts';
import { actionsOf, type FlowActions } from '../datapath/flow-actions.ts';
import type { FlowTable, InsertResult, Lifetime } from '../datapath/flow-table/flow-table.ts';
import type { Courier } from './courier.ts';
import { Run, type Journey, type Outcome } from './journey.ts';
import type { WorkflowProtocol } from './protocol.ts';
import { WaitingRoom } from './waiting-room.ts';
import { Packet as PacketOf } from '../simulation/packet/packet.ts';

/** How long a packet waits for a device: spec 00 §6.2. For a next hop the router says when to give up (C17). */
const PATIENCE = 5000;
