import type { Uuid } from '../../../topology/model/ids.ts';
import type { JsonObject } from '../../../topology/model/json.ts';
import type { NsdbFault } from '../../../topology/nsdb/nsdb-error.ts';

/** The classes that the model knows, each with ways of its own to refer. */
export type ModelClass = 'Network' | 'Port' | 'PortGroup' | 'Chain' | 'Rule' | 'Router' | 'LoadBalancer';

export type Operation =
  | { readonly kind: 'create' | 'update'; readonly class: ModelClass; readonly id: Uuid; readonly fields: JsonObject }
  | { readonly kind: 'delete'; readonly class: ModelClass; readonly id: Uuid; readonly ignoreMissing: boolean };

interface Fields {
  readonly name?: string;
  networkId?: Uuid;
  inboundFilterId?: Uuid;
  peerId?: Uuid;
  portGroupIds?: Uuid[];
  chainId?: Uuid;
  ruleIds?: Uuid[];
  routerId?: Uuid;
  loadBalancerId?: Uuid;
}

class Refusal extends Error {
  readonly fault: NsdbFault;
  constructor(fault: NsdbFault) {
    super(fault);
    this.fault = fault;
  }
}

/** Spec 10 §2 for a few classes, by hand and slowly: what the database is compared with. */
export class ReferenceModel {
  #objects = new Map<string, Fields>();

  /** Does all operations, or none and answers why. */
  transact(operations: readonly Operation[]): NsdbFault | undefined {
    const before = structuredClone(this.#objects);
    try {
      for (const operation of operations) this.#apply(operation);
      return undefined;
    } catch (cause) {
      this.#objects = before;
      if (cause instanceof Refusal) return cause.fault;
      throw cause;
    }
  }

  /** Every object by class and id, in order. */
  all(): readonly (readonly [string, unknown])[] {
    return [...this.#objects].toSorted(([a], [b]) => (a < b ? -1 : 1));
  }

  #apply(operation: Operation): void {
    const { class: cls, id } = operation;
    const old = this.#objects.get(`${cls}/${id}`);
    if (operation.kind === 'delete') {
      if (old !== undefined) this.#delete(cls, id);
      else if (!operation.ignoreMissing) throw new Refusal('not-found');
      return;
    }
    if (operation.kind === 'create' && old !== undefined) throw new Refusal('already-exists');
    if (operation.kind === 'update' && old === undefined) throw new Refusal('not-found');
    const now = structuredClone(operation.fields) as Fields;
    this.#objects.set(`${cls}/${id}`, now);
    this.#pair(cls, id, old?.peerId, now.peerId, 'Port', 'peerId');
    this.#pair(cls, id, old?.loadBalancerId, now.loadBalancerId, 'LoadBalancer', 'routerId');
    this.#pair(cls, id, old?.routerId, now.routerId, 'Router', 'loadBalancerId');
    this.#mustExist('Network', now.networkId);
    this.#mustExist('Chain', now.inboundFilterId);
    for (const group of now.portGroupIds ?? []) this.#mustExist('PortGroup', group);
    this.#enlist(id, old?.chainId, now.chainId);
    this.#fill(id, old?.ruleIds ?? [], now.ruleIds ?? []);
  }

  /** A field of one object that is the reverse of one of another. */
  #pair(
    cls: ModelClass,
    id: Uuid,
    old: Uuid | undefined,
    now: Uuid | undefined,
    farClass: ModelClass,
    far: 'peerId' | 'routerId' | 'loadBalancerId',
  ): void {
    if (old === now) return;
    const former = this.#objects.get(`${farClass}/${old}`);
    if (former?.[far] === id) delete former[far];
    if (now === undefined) return;
    if (now === id && cls === farClass) throw new Refusal('invalid');
    const partner = this.#mustExist(farClass, now);
    if (partner?.[far] !== undefined && partner[far] !== id) throw new Refusal('reference-conflict');
    if (partner !== undefined) partner[far] = id;
  }

  /** A rule moves from chain to chain. */
  #enlist(rule: Uuid, old: Uuid | undefined, now: Uuid | undefined): void {
    if (old === now) return;
    const former = this.#objects.get(`Chain/${old}`);
    if (former?.ruleIds !== undefined) former.ruleIds = former.ruleIds.filter((one) => one !== rule);
    const chain = this.#mustExist('Chain', now);
    if (chain !== undefined) chain.ruleIds = [...(chain.ruleIds ?? []), rule];
  }

  /** A chain's list of rules is written. */
  #fill(chain: Uuid, old: readonly Uuid[], now: readonly Uuid[]): void {
    for (const rule of old) if (!now.includes(rule)) delete this.#objects.get(`Rule/${rule}`)?.chainId;
    for (const id of now) {
      if (old.includes(id)) continue;
      const rule = this.#mustExist('Rule', id);
      if (rule?.chainId !== undefined && rule.chainId !== chain) throw new Refusal('reference-conflict');
      if (rule !== undefined) rule.chainId = chain;
    }
  }

  #mustExist(cls: ModelClass, id: Uuid | undefined): Fields | undefined {
    if (id === undefined) return undefined;
    const found = this.#objects.get(`${cls}/${id}`);
    if (found === undefined) throw new Refusal('not-found');
    return found;
  }

  #delete(cls: ModelClass, id: Uuid): void {
    const gone = this.#objects.get(`${cls}/${id}`);
    if (!this.#objects.delete(`${cls}/${id}`)) return;
    if (gone?.loadBalancerId !== undefined) throw new Refusal('still-referenced');
    for (const [key, fields] of this.#objects) {
      if (fields.peerId === id && cls === 'Port') delete fields.peerId;
      if (fields.loadBalancerId === id) delete fields.loadBalancerId;
      if (fields.inboundFilterId === id) delete fields.inboundFilterId;
      if (fields.portGroupIds?.includes(id)) fields.portGroupIds = fields.portGroupIds.filter((one) => one !== id);
      if (fields.ruleIds?.includes(id)) fields.ruleIds = fields.ruleIds.filter((one) => one !== id);
      if (key.startsWith('Port/') && fields.networkId === id) this.#delete('Port', key.slice(5) as Uuid);
      if (key.startsWith('Rule/') && fields.chainId === id) this.#delete('Rule', key.slice(5) as Uuid);
    }
  }
}
