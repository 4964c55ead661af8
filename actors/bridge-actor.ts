import { forward, type Bridge } from '../simulation/device/bridge.ts';
import type { Packet } from '../simulation/packet/packet.ts';
import type { Courier } from './courier.ts';
import type { Millis } from '../topology/model/time.ts';
import type { DeviceProtocol, Usable } from './protocol.ts';

/** A bridge among actors: holds the bridge, asks {@link forward}, sends the packet where the verdict says. */
export class BridgeActor implements DeviceProtocol<Bridge>, Usable {
  lastUsed: Millis | undefined;
  #bridge: Bridge;
  readonly #courier: Courier;

  constructor(bridge: Bridge, courier: Courier) {
    this.#bridge = bridge;
    this.#courier = courier;
  }

  arrived(packet: Packet): void {
    if (!packet.simulation.isWhatIf) this.lastUsed = packet.now;
    this.#courier.carryOut(this.#bridge.id, 'device', forward(this.#bridge, packet), packet);
  }

  reconfigured(bridge: Bridge): void {
    this.#bridge = bridge;
  }

  /** A bridge never lets a packet wait. */
  wanted(): void {}
}
