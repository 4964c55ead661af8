import type { DeviceId, PortId, Uuid } from '../../topology/model/ids.ts';
import type { HeardPart } from '../change-log.ts';
import type { Ref } from '../mailbox.ts';
import type { DeviceProtocol, PortProtocol, Usable } from '../protocol.ts';
import type { Reading, Unit } from './unit.ts';

/** A unit with what runs of it. */
export interface Entry {
  readonly unit: Unit;
  reading: Reading<unknown> | undefined;
  ref: Ref<DeviceProtocol> | undefined;
  /** What answers at `ref`. */
  actor: Usable | undefined;
  /** Actors of ports that are no children of `ref`, and do not end with it. */
  readonly orphans: Ref<PortProtocol>[];
  /** Set once its actor is being started. */
  starting: Promise<void> | undefined;
  readonly ports: Map<PortId, Promise<Ref<PortProtocol>>>;
  /** Ports that packets wait for. */
  readonly wantedPorts: Set<PortId>;
  isWanted: boolean;
  /** Bridges that it refers to and that there are not: a record somebody wrote by hand. */
  readonly absent: Set<Uuid>;
  /** Units that cannot be read before this one. */
  readonly dependants: Set<Entry>;
  isDirty: boolean;
  /** What changed of it since it was last read, where changes are followed. */
  readonly changes: HeardPart[];
}

/** A unit of which nothing has been read, and nothing runs. */
export function entryWith(unit: Unit): Entry {
  return {
    unit,
    reading: undefined,
    ref: undefined,
    actor: undefined,
    orphans: [],
    starting: undefined,
    ports: new Map(),
    wantedPorts: new Set(),
    isWanted: false,
    absent: new Set(),
    dependants: new Set(),
    isDirty: false,
    changes: [],
  };
}

/** The device of a unit, and its ports. */
export function devicesOf({ unit, reading }: Entry): readonly DeviceId[] {
  return [unit.device, ...(reading?.ports.keys() ?? [])];
}
