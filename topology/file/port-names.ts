/** What a port's name comes to. */
export type PortNameResolution<Port> =
  | { readonly kind: 'found'; readonly port: Port }
  | { readonly kind: 'ambiguous'; readonly known: readonly string[] }
  | { readonly kind: 'no-device'; readonly device: string }
  | { readonly kind: 'no-port'; readonly device: string };

/** The ports of a topology by name: `device:port`, or the port's name alone where only one device has such a port. */
export class PortNames<Port> {
  readonly #byDevice = new Map<string, Map<string, Port>>();
  readonly #bare = new Map<string, string[]>();

  addDevice(device: string): void {
    if (!this.#byDevice.has(device)) this.#byDevice.set(device, new Map());
  }

  add(device: string, name: string, port: Port): void {
    this.addDevice(device);
    this.#byDevice.get(device)?.set(name, port);
    const devices = this.#bare.get(name);
    if (devices === undefined) this.#bare.set(name, [device]);
    else devices.push(device);
  }

  hasDevice(device: string): boolean {
    return this.#byDevice.has(device);
  }

  devices(): Iterable<string> {
    return this.#byDevice.keys();
  }

  /** The port of a device; undefined where it has none of that name. */
  portOf(device: string, name: string): Port | undefined {
    return this.#byDevice.get(device)?.get(name);
  }

  portsOf(device: string): Iterable<string> {
    return this.#byDevice.get(device)?.keys() ?? [];
  }

  fullNamesOf(device: string): readonly string[] {
    return [...this.portsOf(device)].map((name) => `${device}:${name}`);
  }

  /** Ports' names without their devices', each once. */
  bareNames(): Iterable<string> {
    return this.#bare.keys();
  }

  resolve(text: string): PortNameResolution<Port> {
    const colon = text.indexOf(':');
    return colon < 0 ? this.#resolveBare(text) : this.#resolveFull(text.slice(0, colon), text.slice(colon + 1));
  }

  #resolveBare(name: string): PortNameResolution<Port> {
    const [device, ...others] = this.#bare.get(name) ?? [];
    if (device === undefined) return { kind: 'no-port', device: '' };
    if (others.length > 0) return { kind: 'ambiguous', known: [device, ...others].map((each) => `${each}:${name}`) };
    return this.#resolveFull(device, name);
  }

  #resolveFull(device: string, name: string): PortNameResolution<Port> {
    if (!this.hasDevice(device)) return { kind: 'no-device', device };
    const port = this.portOf(device, name);
    return port === undefined ? { kind: 'no-port', device } : { kind: 'found', port };
  }
}
