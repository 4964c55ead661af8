import type { Router } from '../simulation/device/router.ts';
import { route } from '../simulation/device/routing.ts';
import type { Packet } from '../simulation/packet/packet.ts';
import type { Need } from '../simulation/verdict.ts';
import type { Courier } from './courier.ts';
import type { Neighbourhood } from './neighbourhood.ts';
import type { Millis } from '../topology/model/time.ts';
import type { DeviceProtocol, Usable } from './protocol.ts';

/** A router among actors: holds the router, asks {@link route}, sends the packet where the verdict says; minds its neighbours. */
export class RouterActor implements DeviceProtocol<Router>, Usable {
  lastUsed: Millis | undefined;
  #router: Router;
  readonly #courier: Courier;
  readonly #neighbourhood: Neighbourhood;

  constructor(router: Router, courier: Courier, neighbourhood: Neighbourhood) {
    this.#router = router;
    this.#courier = courier;
    this.#neighbourhood = neighbourhood;
  }

  arrived(packet: Packet): void {
    if (!packet.simulation.isWhatIf) this.lastUsed = packet.now;
    this.#courier.carryOut(this.#router.id, 'device', route(this.#router, packet), packet);
  }

  reconfigured(router: Router): void {
    this.#router = router;
  }

  wanted(need: Need): void {
    if (need.kind === 'next-hop') this.#neighbourhood.want(need.address, need.port);
  }
}
