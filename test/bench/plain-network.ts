import { actionsOf, type FlowActions } from '../../datapath/flow-actions.ts';
import type { FlowTable } from '../../datapath/flow-table/flow-table.ts';
import { bridgeFrom, forward, type Bridge, type BridgeLink } from '../../simulation/device/bridge.ts';
import { enter, leave, portFrom, type Link, type Port, type PortParts } from '../../simulation/device/port.ts';
import { routeFrom } from '../../simulation/device/route.ts';
import { routerFrom, type Router, type RouterPort } from '../../simulation/device/router.ts';
import { route } from '../../simulation/device/routing.ts';
import { inOrder, outcomeOf, shortestClassOf } from '../../simulation/outcome.ts';
import type { Frame } from '../../simulation/packet/frame.ts';
import { Packet, Simulation } from '../../simulation/packet/packet.ts';
import { pathOf } from '../../simulation/path.ts';
import { AddressTable } from '../../simulation/state/address-table.ts';
import { MacLearning } from '../../simulation/state/mac-learning.ts';
import { MacTable } from '../../simulation/state/mac-table.ts';
import { RouterTables } from '../../simulation/state/router-tables.ts';
import type { Verdict } from '../../simulation/verdict.ts';
import { deviceIdOf, portIdOf, type DeviceId, type PortId } from '../../topology/model/ids.ts';
import { ANY_IPV4, ipv4Of, prefixOf } from '../../topology/model/ipv4.ts';
import { macOf, type Mac } from '../../topology/model/mac.ts';
import { millisOf, type Millis } from '../../topology/model/time.ts';
import { LEFT_GATEWAY, RECEIVERS, receiverAddress, receiverMac } from './bench-network.ts';

const LEFT = deviceIdOf(1);
const RIGHT = deviceIdOf(2);
const CORE = deviceIdOf(3);
export const INGRESS = portIdOf(10);
const LEFT_UP = portIdOf(11);
const TO_LEFT = portIdOf(12);
const TO_RIGHT = portIdOf(13);
const RIGHT_UP = portIdOf(14);
const EGRESS = portIdOf(15);
const RIGHT_GATEWAY = macOf(0x0200, 0x0a02_0001);
const [TO_LEFT_IP, TO_RIGHT_IP] = [ipv4Of(0x0a01_0001), ipv4Of(0x0a02_0001)];

/** The benchmarks' network by plain calls: the device functions, and a loop that follows their verdicts. No actor, no message. */
export class PlainNetwork {
  readonly #bridges: ReadonlyMap<DeviceId, Bridge>;
  readonly #router: Router;
  readonly #ports: ReadonlyMap<PortId, Port>;
  readonly #flows: FlowTable<FlowActions>;

  constructor(flows: FlowTable<FlowActions>) {
    const right = bridgeOf(RIGHT, EGRESS, RIGHT_UP, { mac: RIGHT_GATEWAY });
    for (let n = 0; n < RECEIVERS; n++) {
      right.stations.set(receiverMac(n), 0, EGRESS);
      right.addresses?.set(receiverAddress(n), receiverMac(n));
    }
    this.#bridges = new Map(
      [bridgeOf(LEFT, INGRESS, LEFT_UP, { mac: LEFT_GATEWAY }), right].map((one) => [one.id, one]),
    );
    this.#router = routerOf(right);
    this.#ports = new Map(
      [
        portOf(INGRESS, LEFT, 'bridge', { kind: 'exterior', active: true }),
        portOf(LEFT_UP, LEFT, 'bridge', { kind: 'interior', peer: TO_LEFT }),
        portOf(TO_LEFT, CORE, 'router', { kind: 'interior', peer: LEFT_UP }),
        portOf(TO_RIGHT, CORE, 'router', { kind: 'interior', peer: RIGHT_UP }),
        portOf(RIGHT_UP, RIGHT, 'bridge', { kind: 'interior', peer: TO_RIGHT }),
        portOf(EGRESS, RIGHT, 'bridge', { kind: 'exterior', active: true }),
      ].map((one) => [one.id, one]),
    );
    this.#flows = flows;
  }

  /** Simulates a frame from {@link INGRESS} to its end: flow installed, proposals carried out. */
  simulate(frame: Frame, words: Uint32Array, now: Millis): FlowActions {
    const simulation = new Simulation(frame, words, now);
    const epoch = this.#flows.beginSimulation();
    simulation.facts.dpPort(INGRESS);
    const packet = new Packet(simulation, INGRESS);
    this.#follow(packet);
    simulation.ended.push(packet);
    const branches = inOrder(simulation.ended);
    const actions = actionsOf(simulation, inOrder(simulation.emissions), outcomeOf(branches));
    const shortest = shortestClassOf(branches);
    this.#flows.insert(
      {
        key: words,
        seen: simulation.seen,
        actions,
        tags: simulation.facts.tags,
        path: pathOf(branches),
        lifetime: shortest === 'permanent' ? 'normal' : shortest,
        mtu: packet.mtu,
        epoch,
      },
      now,
    );
    for (const proposal of simulation.proposals) proposal.carryOut(now);
    return actions;
  }

  #follow(packet: Packet): void {
    let device: DeviceId = INGRESS;
    let verdict: Verdict | undefined = this.#enter(INGRESS, packet);
    for (;;) {
      packet.path.push(device, packet.because?.number ?? 0);
      // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- whatever else it is, this way has ended
      switch (verdict?.kind) {
        case 'deliver':
          device = verdict.to;
          verdict = this.#decide(device, packet);
          break;
        case 'cross':
          device = verdict.to;
          verdict = this.#enter(verdict.to, packet);
          break;
        case 'forward':
          device = verdict.to;
          verdict = this.#leave(verdict.to, packet);
          break;
        default:
          packet.verdict = verdict;
          return;
      }
    }
  }

  #enter(port: PortId, packet: Packet): Verdict | undefined {
    const one = this.#ports.get(port);
    return one && enter(one, packet);
  }

  #leave(port: PortId, packet: Packet): Verdict | undefined {
    const one = this.#ports.get(port);
    return one && leave(one, packet);
  }

  #decide(device: DeviceId, packet: Packet): Verdict {
    const bridge = this.#bridges.get(device);
    return bridge === undefined ? route(this.#router, packet) : forward(bridge, packet);
  }
}

function bridgeOf(id: DeviceId, outer: PortId, inner: PortId, router: { readonly mac: Mac }): Bridge {
  const link: BridgeLink = { kind: 'router', ...router };
  return bridgeFrom({
    id,
    name: String(id),
    adminUp: true,
    ports: [
      { id: outer, link: { kind: 'exterior' } },
      { id: inner, link },
    ],
    stations: new MacTable(id),
    learning: new MacLearning(id, { add() {}, remove() {} }, millisOf(0)),
    addresses: new AddressTable(id, { replace() {} }),
  });
}

function portOf(id: PortId, device: DeviceId, owner: PortParts['owner'], link: Link): Port {
  return portFrom({ id, name: String(id), device, owner, adminUp: true, link, mtu: 1500 });
}

function routerOf({ id, routerIps, addresses }: Bridge): Router {
  const segment = { bridge: id, routerIps, addresses };
  const common = { mtu: 1500, adminUp: true };
  const left: RouterPort = {
    ...common,
    id: TO_LEFT,
    name: 'to-left',
    mac: LEFT_GATEWAY,
    address: TO_LEFT_IP,
    prefix: prefixOf(TO_LEFT_IP, 16),
    beyond: { kind: 'nothing' },
  };
  const right: RouterPort = {
    ...common,
    id: TO_RIGHT,
    name: 'to-right',
    mac: RIGHT_GATEWAY,
    address: TO_RIGHT_IP,
    prefix: prefixOf(TO_RIGHT_IP, 16),
    beyond: { kind: 'bridge', segment },
  };
  const routes = [left, right].flatMap(({ id: port, address = ANY_IPV4 }, n) => [
    routeFrom({
      number: 20 + n,
      kind: 'port',
      source: EVERYTHING,
      destination: prefixOf(address, 16),
      weight: 0,
      port,
    }),
    routeFrom({
      number: 22 + n,
      kind: 'local',
      source: EVERYTHING,
      destination: prefixOf(address, 32),
      weight: 0,
      port,
    }),
  ]);
  const tables = new RouterTables({ learned() {}, used() {} });
  return routerFrom({ id: CORE, name: 'core', adminUp: true, ports: [left, right], routes }, tables);
}

const EVERYTHING = prefixOf(ANY_IPV4, 0);
