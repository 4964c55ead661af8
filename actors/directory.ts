import { deviceIdOf, portIdOf, type DeviceId, type PortId, type Uuid } from '../topology/model/ids.ts';

/** Gives the objects of the database the small numbers that an agent reckons with, and numbers their names. */
export class Directory {
  readonly #numbers = new Map<Uuid, number>();
  /** By number; the first is nobody's, so that 0 may stand for none. */
  readonly #uuids: (Uuid | undefined)[] = [undefined];
  readonly #names: string[] = ['nobody'];

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

  call(id: Uuid, name: string): void {
    this.#names[this.#numberOf(id)] = name;
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
