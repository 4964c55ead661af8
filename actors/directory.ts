import { deviceIdOf, portIdOf, type DeviceId, type PortId, type Uuid } from '../topology/model/ids.ts';

export type DeviceKind = 'bridge' | 'router' | 'port';

/** Gives the objects of the database the small numbers that an agent reckons with, and numbers their names. */
export class Directory {
  readonly #numbers = new Map<Uuid, number>();
  /** By number; the first is nobody's, so that 0 may stand for none. */
  readonly #uuids: (Uuid | undefined)[] = [undefined];
  readonly #names: string[] = ['nobody'];
  readonly #kinds: (DeviceKind | undefined)[] = [];
  /** How often something got another name. */
  renamings = 0;

  /** The number of a bridge, router or other object; a new one at the first meeting. */
  deviceOf(id: Uuid): DeviceId {
    return deviceIdOf(this.#numberOf(id));
  }

  /** The number of a port; a new one at the first meeting. */
  portOf(id: Uuid): PortId {
    return portIdOf(this.#numberOf(id));
  }

  uuidOf(device: number): Uuid | undefined {
    return this.#uuids[device];
  }

  /** What people call it: `web`, `web:web-1`. Its id until a name is known. */
  nameOf(device: number): string {
    return this.#names[device] ?? `number ${device}`;
  }

  /** What people call an object that may never have been met: its id then. */
  nameOfId(id: Uuid): string {
    const number = this.#numbers.get(id);
    return number === undefined ? id : this.nameOf(number);
  }

  /** What sort of device it is; undefined for what is none, and until its name is known. */
  kindOf(device: number): DeviceKind | undefined {
    return this.#kinds[device];
  }

  /** Notes what people call an object, and its sort when it is a device. */
  call(id: Uuid, name: string, kind?: DeviceKind): void {
    const number = this.#numberOf(id);
    if (this.#names[number] !== name) this.renamings++;
    this.#names[number] = name;
    this.#kinds[number] = kind;
  }

  #numberOf(id: Uuid): number {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const number = this.#uuids.push(id) - 1;
    this.#numbers.set(id, number);
    this.#names[number] = id;
    return number;
  }
}
