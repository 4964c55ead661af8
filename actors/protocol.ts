import type { Port } from '../simulation/device/port.ts';
import type { Packet } from '../simulation/packet/packet.ts';
import type { Need } from '../simulation/verdict.ts';
import type { DeviceId } from '../topology/model/ids.ts';
import type { Millis } from '../topology/model/time.ts';
import type { Awaited } from './waiting-room.ts';

/** What a port answers to. */
export interface PortProtocol {
  /** A packet comes in: from outside, or over the link from the peer. */
  entering(packet: Packet): void;
  /** A packet is to go out by it. */
  leaving(packet: Packet): void;
  /** Its configuration has changed: replaced whole. */
  reconfigured(port: Port): void;
}

/** What a bridge or router answers to. */
export interface DeviceProtocol<Configuration = unknown> {
  /** A port of it took a packet in. */
  arrived(packet: Packet): void;
  /** Its configuration has changed: replaced whole. */
  reconfigured(configuration: Configuration): void;
  /** Packets wait for something that only this device can find out. */
  wanted(need: Need): void;
}

/** What tells when it was last needed. */
export interface Usable {
  /** When a packet came that counts, no what-if; undefined until one does. */
  readonly lastUsed: Millis | undefined;
}

/** What the workflow answers to. */
export interface WorkflowProtocol {
  /** A branch has ended; it says in `verdict` how. */
  judged(packet: Packet): void;
  /** What packets waited for has come, or is known not to come: they are simulated anew. */
  found(what: Awaited): void;
  /** A device that packets waited for has started. */
  started(device: DeviceId): void;
  /** A device that packets waited for does not exist. */
  missing(device: DeviceId): void;
}
