import type { Packet, Point } from '../simulation/packet/packet.ts';
import { drop, type Verdict } from '../simulation/verdict.ts';
import type { DeviceId } from '../topology/model/ids.ts';
import type { Ref } from './mailbox.ts';
import type { DeviceProtocol, PortProtocol, WorkflowProtocol } from './protocol.ts';

const MAILBOX_FULL = drop('mailbox-full');

/**
 * Carries packets from actor to actor as the verdicts say, and to the workflow when a branch has ended.
 *
 * A device that is not there suspends the packet: the courier says which one is needed.
 */
export class Courier {
  readonly #ports = new Map<DeviceId, Ref<PortProtocol>>();
  readonly #devices = new Map<DeviceId, Ref<DeviceProtocol>>();
  #workflow: Ref<WorkflowProtocol> | undefined;

  /** Ended branches go here. */
  report(workflow: Ref<WorkflowProtocol>): void {
    this.#workflow = workflow;
  }

  portStarted(id: DeviceId, ref: Ref<PortProtocol>): void {
    this.#ports.set(id, ref);
  }

  deviceStarted(id: DeviceId, ref: Ref<DeviceProtocol>): void {
    this.#devices.set(id, ref);
  }

  stopped(id: DeviceId): void {
    this.#ports.delete(id);
    this.#devices.delete(id);
  }

  port(id: DeviceId): Ref<PortProtocol> | undefined {
    return this.#ports.get(id);
  }

  device(id: DeviceId): Ref<DeviceProtocol> | undefined {
    return this.#devices.get(id);
  }

  /** Takes a packet on from where it was decided. */
  carryOut(device: DeviceId, point: Point, verdict: Verdict, packet: Packet): void {
    packet.path.push(device, packet.because?.number ?? 0);
    packet.simulation.recorder?.hop(packet, device, point, verdict);
    packet.because = undefined;
    switch (verdict.kind) {
      case 'deliver': {
        const ref = this.#devices.get(verdict.to);
        if (ref === undefined) this.#await(verdict.to, packet);
        else if (!ref.tell('arrived', packet)) this.#end(MAILBOX_FULL, packet);
        break;
      }
      case 'cross':
        this.enter(verdict.to, packet);
        break;
      case 'forward':
        this.leave(verdict.to, packet);
        break;
      case 'flood': {
        const branches = packet.fork(verdict.to.length);
        packet.simulation.recorder?.forked(packet, branches);
        for (const [way, branch] of branches.entries()) {
          const to = verdict.to[way];
          if (to !== undefined) this.leave(to, branch);
        }
        break;
      }
      case 'emit':
      case 'consumed':
      case 'drop':
      case 'suspend':
        this.#end(verdict, packet);
    }
  }

  /** Sends a packet into a port. */
  enter(port: DeviceId, packet: Packet): void {
    const ref = this.#ports.get(port);
    if (ref === undefined) this.#await(port, packet);
    else if (!ref.tell('entering', packet)) this.#end(MAILBOX_FULL, packet);
  }

  /** Sends a packet out by a port. */
  leave(port: DeviceId, packet: Packet): void {
    const ref = this.#ports.get(port);
    if (ref === undefined) this.#await(port, packet);
    else if (!ref.tell('leaving', packet)) this.#end(MAILBOX_FULL, packet);
  }

  #await(device: DeviceId, packet: Packet): void {
    this.#end({ kind: 'suspend', need: { kind: 'device', device } }, packet);
  }

  #end(verdict: Verdict, packet: Packet): void {
    packet.verdict = verdict;
    this.#workflow?.tell('judged', packet);
  }
}
