import { enter, leave, type Port } from '../simulation/device/port.ts';
import type { Packet } from '../simulation/packet/packet.ts';
import type { Courier } from './courier.ts';
import type { PortProtocol } from './protocol.ts';

/** A port among actors: holds the port, asks {@link enter} and {@link leave}, sends the packet where the verdict says. */
export class PortActor implements PortProtocol {
  #port: Port;
  readonly #courier: Courier;

  constructor(port: Port, courier: Courier) {
    this.#port = port;
    this.#courier = courier;
  }

  entering(packet: Packet): void {
    this.#courier.carryOut(this.#port.id, 'ingress', enter(this.#port, packet), packet);
  }

  leaving(packet: Packet): void {
    this.#courier.carryOut(this.#port.id, 'egress', leave(this.#port, packet), packet);
  }

  reconfigured(port: Port): void {
    this.#port = port;
  }
}
