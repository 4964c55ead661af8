import type { Port } from '../../simulation/device/port.ts';
import type { Tag } from '../../simulation/tag.ts';
import type { DeviceId, PortId, Uuid } from '../../topology/model/ids.ts';
import type { DeviceProtocol, Usable } from '../protocol.ts';

/** A device as read from the database: ready, with its ports. */
export interface Reading<Device> {
  readonly name: string;
  readonly device: Device;
  readonly ports: ReadonlyMap<PortId, Port>;
}

/**
 * A bridge or a router with its ports: what is loaded, started, changed and let go together.
 *
 * The feed runs its readings; the unit says how one goes, which facts fall when one follows another, and minds its tables.
 */
export interface Unit<Device = unknown> {
  readonly id: Uuid;
  readonly device: DeviceId;
  /** Reads the device out of the database; undefined while something is still being loaded. Throws MissingPart. */
  read(): Reading<Device> | undefined;
  /** An actor for the device as it was first read. */
  start(device: Device): DeviceProtocol<Device> & Usable;
  /** The tags that the change invalidates. */
  tagsOfChange(before: Device, after: Device | undefined): readonly Tag[];
  /** What it remembers, in lines: equal lines, equal memory. */
  dump(): Iterable<string>;
  /** Ends its watches and tables. */
  close(): void;
}
