import { deepEqual, equal, notEqual, throws } from 'node:assert/strict';
import { NO_FLOW, type FlowIndex, type Lifetime, type Removal } from '../../../datapath/flow-table/flow.ts';
import { capacityFor, FlowTable } from '../../../datapath/flow-table/flow-table.ts';
import {
  BEYOND_KEY,
  ETH_DST,
  ETH_SRC,
  ETHER_TYPE,
  ICMP_ID,
  IN_PORT,
  IP_DST,
  IP_PROTO,
  L4_DST,
  VLAN,
} from '../../../simulation/packet/fields.ts';
import { maskOf } from '../../../simulation/packet/key-layout.ts';
import { millisOf, type Millis } from '../../../topology/model/time.ts';
import { flowOf, IPV4, IPV6, keyOf, NAMES, tableOf, tag, type KeyParts, type Names } from './keys.ts';

const at = (time: number): Millis => millisOf(time);
const TCP = 6;
const UDP = 17;

describe('flow table', () => {
  let table: FlowTable<Names>;
  const install = (parts: Parameters<typeof flowOf>[1] = {}, time = 0): FlowIndex => {
    const insertion = table.insert(flowOf(table, parts), at(time));
    if (insertion.kind !== 'installed') throw new Error(insertion.kind);
    return insertion.flow;
  };
  const lookup = (parts: KeyParts, time = 0, ipLength = 0): number => {
    const key = keyOf(parts);
    const found = table.lookup(key, 0, ipLength, at(time));
    equal(table.peek(key, 0, ipLength, at(time)) === NO_FLOW, found === NO_FLOW);
    return found;
  };
  const filled = (...lifetimes: Lifetime[]): string[] => {
    const evicted: string[] = [];
    table = tableOf({
      capacity: lifetimes.length,
      onRemoved: (flow, why) => evicted.push(`${why.kind} ${table.actionsOf(flow).join()}`),
    });
    for (const [n, lifetime] of lifetimes.entries()) {
      install({ key: { ethDst: n }, lifetime, actions: [`${lifetime}-${n}`] }, n);
    }
    return evicted;
  };
  const add = (n: number, lifetime: Lifetime, time = 100): string =>
    table.insert(flowOf(table, { key: { ethDst: n }, lifetime, actions: [`${lifetime}-${n}`] }), at(time)).kind;
  beforeEach(() => {
    table = tableOf();
  });

  describe('lookup', () => {
    it('serves every packet that is alike in what was seen', () => {
      const flow = install({ key: { ethDst: 2, ethSrc: 1, etherType: IPV4, ipSrc: 5 }, seen: ETH_DST });
      equal(lookup({ ethDst: 2, ethSrc: 7, etherType: IPV6, ipSrc: 6 }), flow);
      equal(lookup({ ethDst: 3, ethSrc: 1, etherType: IPV4, ipSrc: 5 }), NO_FLOW);
    });

    it('always tells input ports apart', () => {
      install({ key: { inPort: 1 }, seen: 0 });
      equal(lookup({ inPort: 2 }), NO_FLOW);
    });

    it('finds the key of a packet anywhere in a block of keys', () => {
      const flow = install({ key: { ethDst: 2 } });
      const block = new Uint32Array(100);
      block.set(keyOf({ ethDst: 2 }), 50);
      equal(table.lookup(block, 50, 0, at(0)), flow);
    });

    it('serves a packet by one flow of those that match under different masks', () => {
      const one = install({ key: { ethDst: 2 }, seen: ETH_DST });
      const other = install({ key: { ethSrc: 3 }, seen: ETH_SRC });
      equal([one, other].includes(lookup({ ethDst: 2, ethSrc: 3 }) as FlowIndex), true);
      equal(lookup({ ethDst: 2 }), one);
      equal(lookup({ ethSrc: 3 }), other);
    });

    it('tells IPv6 addresses apart in every word', () => {
      const flow = install({ key: { etherType: IPV6, ipDst: 1, ipDstHigh: 0x2001_0db8 }, seen: IP_DST });
      equal(lookup({ etherType: IPV6, ipDst: 1, ipDstHigh: 0x2001_0db8 }), flow);
      equal(lookup({ etherType: IPV6, ipDst: 1, ipDstHigh: 0x2001_0db9 }), NO_FLOW);
      equal(lookup({ etherType: IPV6, ipDst: 2, ipDstHigh: 0x2001_0db8 }), NO_FLOW);
    });

    it('finds flows still when others of their mask have gone', () => {
      table = tableOf({ capacity: 5000 });
      for (let n = 0; n < 5000; n++) install({ key: { ethDst: n }, tags: [tag(n % 3)] });
      table.invalidate(tag(0), at(0));
      table.invalidate(tag(2), at(0));
      for (let n = 0; n < 5000; n++) equal(lookup({ ethDst: n }) !== NO_FLOW, n % 3 === 1);
    });

    it('has room for any number of flows that come and go', () => {
      const stays = install({ key: { ethDst: 9999 }, lifetime: 'tunnel' });
      for (let n = 0; n < 2000; n++) {
        install({ key: { ethDst: n }, tags: [tag(n)] });
        table.invalidate(tag(n), at(0));
        equal(lookup({ ethDst: n }), NO_FLOW);
      }
      equal(lookup({ ethDst: 9999 }), stays);
      equal(table.size, 1);
    });

    it('asks no more the masks whose flows have gone', () => {
      install({ seen: ETH_DST, tags: [tag(1)] });
      install({ seen: ETH_SRC });
      equal(table.masks, 2);
      table.invalidate(tag(1), at(0));
      equal(table.masks, 1);
    });

    it('leaves no trace when it only peeks', () => {
      const mine = install({ key: { ethDst: 2 }, seen: ETH_DST });
      const before = [...table.flows()];
      equal(table.peek(keyOf({ ethDst: 2 }), 0, 0, at(0)), mine);
      deepEqual([...table.flows()], before);
    });
  });

  describe('C1: presence is seen', () => {
    it('an untagged flow never catches tagged frames', () => {
      const flow = install({ key: {}, seen: VLAN });
      equal(lookup({}), flow);
      equal(lookup({ vlan: 0x8100_0000 }), NO_FLOW);
      equal(lookup({ vlan: 0x8100_0005 }), NO_FLOW);
    });

    it('a truncated TCP header never opens a port for whole ones', () => {
      const truncated: KeyParts = { etherType: IPV4, proto: TCP, ipDst: 9 };
      const flow = install({ key: truncated, seen: L4_DST });
      equal(lookup(truncated), flow);
      equal(lookup({ ...truncated, l4Src: 0, l4Dst: 0 }), NO_FLOW);
    });

    it('non-IP never stands for IP', () => {
      const flow = install({ key: {}, seen: IP_DST });
      equal(lookup({}), flow);
      equal(lookup({ etherType: IPV4, ipDst: 0 }), NO_FLOW);
      equal(lookup({ etherType: IPV6, ipDst: 0 }), NO_FLOW);
    });

    it('an address seen in IPv4 is never one of IPv6', () => {
      const flow = install({ key: { etherType: IPV4, ipDst: 0 }, seen: IP_DST });
      equal(lookup({ etherType: IPV4, ipDst: 0 }), flow);
      equal(lookup({ etherType: IPV6, ipDst: 0 }), NO_FLOW);
    });

    it('a port seen is one of its protocol only', () => {
      const flow = install({ key: { etherType: IPV4, proto: TCP, l4Src: 1, l4Dst: 80 }, seen: L4_DST });
      equal(lookup({ etherType: IPV4, proto: TCP, l4Src: 2, l4Dst: 80 }), flow);
      equal(lookup({ etherType: IPV4, proto: UDP, l4Src: 1, l4Dst: 80 }), NO_FLOW);
    });
  });

  describe('C9: order at one instant', () => {
    it('a flow expiring at T does not serve a frame of T', () => {
      const flow = install({ key: { ethDst: 2 }, lifetime: 'error' });
      equal(lookup({ ethDst: 2 }, 4999.999), flow);
      equal(lookup({ ethDst: 2 }, 5000), NO_FLOW);
    });

    it('a flow in the cache does not outlive its time either', () => {
      install({ key: { ethDst: 2 } });
      notEqual(lookup({ ethDst: 2 }, 1), NO_FLOW);
      notEqual(lookup({ ethDst: 2 }, 2), NO_FLOW);
      equal(lookup({ ethDst: 2 }, 60_000), NO_FLOW);
    });

    it('what expires at T is removed at T, and not before', () => {
      install({ lifetime: 'error' });
      equal(table.expire(at(4999.999)), 0);
      equal(table.expire(at(5000)), 1);
      equal(table.size, 0);
    });
  });

  describe('C39: the smallest MTU on the way', () => {
    it('a longer packet does not hit the flow', () => {
      const flow = install({ key: { ethDst: 2 }, mtu: 1500 });
      equal(lookup({ ethDst: 2 }, 0, 1500), flow);
      equal(lookup({ ethDst: 2 }, 0, 1501), NO_FLOW);
      equal(lookup({ ethDst: 2 }, 0, 0), flow);
    });

    it('nothing is too long for a flow without one', () => {
      const flow = install({ key: { ethDst: 2 } });
      equal(lookup({ ethDst: 2 }, 0, 65_575), flow);
      equal(table.view(flow).mtu, Infinity);
    });
  });

  describe('insertion', () => {
    it('keeps the first of two flows of one mask and masked key', () => {
      const first = install({ key: { ethDst: 2, ethSrc: 1 }, actions: ['first'] });
      const again = table.insert(flowOf(table, { key: { ethDst: 2, ethSrc: 9 }, actions: ['again'] }), at(1));
      deepEqual(again, { kind: 'exists', flow: first });
      equal(table.size, 1);
      deepEqual(table.actionsOf(first), ['first']);
    });

    it('takes a flow in place of one that has expired', () => {
      const removals: Removal[] = [];
      table = tableOf({ onRemoved: (_, why) => removals.push(why) });
      install({ actions: ['old'] }, 0);
      const flow = install({ actions: ['new'] }, 60_000);
      deepEqual(table.actionsOf(flow), ['new']);
      deepEqual(removals, [{ kind: 'expired' }]);
      equal(table.size, 1);
    });

    it('installs nothing that rests on what is not in the key', () => {
      for (const seen of [ICMP_ID, BEYOND_KEY, ETH_DST | BEYOND_KEY]) {
        equal(table.insert(flowOf(table, { seen }), at(0)).kind, 'unkeyed');
      }
      equal(table.size, 0);
    });

    it('C37: installs nothing for a frame of more than two VLAN tags', () => {
      const key = { vlan: 0x8100_0005 };
      equal(table.insert(flowOf(table, { key: { ...key, vlanCount: 3 } }), at(0)).kind, 'unkeyed');
      equal(table.insert(flowOf(table, { key: { ...key, vlanCount: 2 } }), at(0)).kind, 'installed');
    });

    it('shows what it was given', () => {
      const key = keyOf({ ethDst: 2, etherType: IPV4, proto: UDP, l4Dst: 53, l4Src: 99 });
      const tags = [tag(2 ** 52 + 1), tag(7), tag(7), tag(3)];
      const path = [1, 10, 2, 0];
      const flow = install({ key, seen: L4_DST, actions: ['a'], tags, path, lifetime: 'short', mtu: 1400 }, 10);
      path.push(99);
      const fields = L4_DST | IN_PORT;
      const mask = maskOf(fields);
      deepEqual(table.view(flow), {
        index: flow,
        match: key.map((word, n) => word & (mask[n] ?? 0)),
        mask,
        fields,
        actions: ['a'],
        tags: [3, 7, 2 ** 52 + 1],
        path: [1, 10, 2, 0],
        lifetime: 'short',
        expiry: 5010,
        mtu: 1400,
        packets: 0,
        bytes: 0,
      });
      equal(fields, L4_DST | IP_PROTO | ETHER_TYPE | IN_PORT);
    });

    it('shares equal actions', () => {
      const first = install({ key: { ethDst: 1 }, actions: ['one'] });
      const second = install({ key: { ethDst: 2 }, actions: ['one'] });
      const other = install({ key: { ethDst: 3 }, actions: ['two'] });
      equal(table.actionsAt(second), table.actionsAt(first));
      notEqual(table.actionsAt(other), table.actionsAt(first));
      deepEqual(
        [first, second, other].map((flow) => table.actionsOf(flow)),
        [['one'], ['one'], ['two']],
      );
    });

    it('forgets actions and provenance that no flow has any more', () => {
      const old = install({ actions: ['one'], path: [1, 0], tags: [tag(1)] });
      const places = [table.actionsAt(old), table.pathNumberOf(old)];
      table.invalidate(tag(1), at(0));
      const flow = install({ actions: ['two'], path: [2, 0] });
      deepEqual([table.actionsAt(flow), table.pathNumberOf(flow)], places);
      deepEqual([table.actionsOf(flow), table.pathOf(flow)], [['two'], [2, 0]]);
    });

    it('shares equal provenance', () => {
      const path = [1, 0, 2, 7];
      const first = install({ key: { ethDst: 1 }, path });
      const second = install({ key: { ethDst: 2 }, path: path.slice() });
      const other = install({ key: { ethDst: 3 }, path: [1, 0, 2, 8] });
      equal(table.pathNumberOf(second), table.pathNumberOf(first));
      notEqual(table.pathNumberOf(other), table.pathNumberOf(first));
      deepEqual(table.pathOf(second), path);
    });
  });

  describe('facts that change', () => {
    it('removes every flow that carries the tag, and no other', () => {
      const [a, b, c] = [tag(1), tag(2), tag(3)];
      install({ key: { ethDst: 1 }, tags: [a, b] });
      install({ key: { ethDst: 2 }, tags: [b, c] });
      const kept = install({ key: { ethDst: 3 }, tags: [c] });
      equal(table.invalidate(b, at(0)), 2);
      deepEqual(
        [...table.flows()].map((flow) => flow.index),
        [kept],
      );
      deepEqual([table.carries(a), table.carries(b), table.carries(c)], [false, false, true]);
      equal(table.invalidate(b, at(0)), 0);
    });

    it('C6: drops die with their cause', () => {
      const flow = install({ key: { ethDst: 1 }, actions: [], lifetime: 'short', tags: [tag(1)] });
      equal(lookup({ ethDst: 1 }), flow);
      equal(table.invalidate(tag(1), at(0)), 1);
      equal(lookup({ ethDst: 1 }), NO_FLOW);
    });

    it('never serves a removed flow from the cache', () => {
      install({ key: { ethDst: 1 }, tags: [tag(1)] });
      notEqual(lookup({ ethDst: 1 }), NO_FLOW);
      table.invalidate(tag(1), at(0));
      equal(lookup({ ethDst: 1 }), NO_FLOW);
    });

    it('never serves a removed flow from the cache, whatever was removed before it', () => {
      for (const n of [0, 1, 2]) install({ key: { ethDst: n }, tags: [tag(n)] });
      notEqual(lookup({ ethDst: 0 }), NO_FLOW);
      for (const n of [2, 1, 0]) table.invalidate(tag(n), at(0));
      equal(lookup({ ethDst: 0 }), NO_FLOW);
    });

    it('never serves a flow that came to lie where a removed one lay', () => {
      const old = install({ key: { ethDst: 1 }, tags: [tag(1)] });
      equal(lookup({ ethDst: 1 }), old);
      table.invalidate(tag(1), at(0));
      const other = install({ key: { ethDst: 2 } });
      equal(other, old);
      equal(lookup({ ethDst: 1 }), NO_FLOW);
      equal(lookup({ ethDst: 2 }), other);
    });

    it('installs no flow of a fact that changed after its simulation began', () => {
      const stale = flowOf(table, { tags: [tag(1), tag(2)] });
      table.invalidate(tag(2), at(0));
      deepEqual(table.insert(stale, at(0)), { kind: 'stale-tag', tag: 2 });
      equal(table.size, 0);
    });

    it('installs a flow of a fact that changed before its simulation began', () => {
      table.invalidate(tag(1), at(0));
      equal(table.insert(flowOf(table, { tags: [tag(1)] }), at(0)).kind, 'installed');
    });

    it('installs a flow of facts that stood while others changed', () => {
      const fresh = flowOf(table, { tags: [tag(1)] });
      table.invalidate(tag(2), at(0));
      equal(table.insert(fresh, at(0)).kind, 'installed');
    });

    it('installs no flow when more has changed than it remembers', () => {
      table = tableOf({ invalidations: 3 });
      const slow = flowOf(table, { tags: [tag(1)] });
      table.invalidate(tag(1), at(0));
      const late = flowOf(table, { key: { ethDst: 1 }, tags: [tag(5)] });
      for (const n of [2, 3, 4]) table.invalidate(tag(n), at(0));
      deepEqual(table.insert(slow, at(0)), { kind: 'stale-tag', tag: undefined });
      equal(table.insert(late, at(0)).kind, 'installed');
    });

    it('remembers the latest change of a fact that changes often', () => {
      table = tableOf({ invalidations: 3 });
      for (const n of [1, 2, 3, 1]) table.invalidate(tag(n), at(0));
      const between = flowOf(table, { tags: [tag(1)] });
      table.invalidate(tag(4), at(0));
      equal(table.insert(between, at(0)).kind, 'installed');
      const before = flowOf(table, { key: { ethDst: 9 }, tags: [tag(1)] });
      table.invalidate(tag(1), at(0));
      equal(table.insert(before, at(0)).kind, 'stale-tag');
    });
  });

  describe('who carries a tag', () => {
    it('tells once when the last flow that carries it has gone, and when', () => {
      const told: number[] = [];
      install({ key: { ethDst: 1 }, tags: [tag(1), tag(8)] });
      install({ key: { ethDst: 2 }, tags: [tag(1), tag(9)], lifetime: 'error' });
      equal(
        table.watch(tag(1), (now) => told.push(now)),
        true,
      );
      table.invalidate(tag(8), at(100));
      deepEqual(told, []);
      table.expire(at(5500));
      deepEqual(told, [5500]);
      install({ key: { ethDst: 1 }, tags: [tag(1)] }, 6000);
      table.invalidate(tag(1), at(6000));
      deepEqual(told, [5500]);
    });

    it('refuses to watch a tag that no flow carries', () => {
      equal(
        table.watch(tag(1), () => {}),
        false,
      );
    });

    it('lets a listener change the table', () => {
      install({ key: { ethDst: 1 }, tags: [tag(1)] });
      install({ key: { ethDst: 2 }, tags: [tag(2)] });
      const told: string[] = [];
      table.watch(tag(1), (now) => {
        told.push('first');
        table.invalidate(tag(2), now);
        install({ key: { ethDst: 3 } }, now);
      });
      table.watch(tag(2), () => told.push('second'));
      table.invalidate(tag(1), at(7));
      deepEqual(told, ['first', 'second']);
      equal(table.size, 1);
    });

    it('counts tags that thousands of flows have in common', () => {
      table = tableOf({ capacity: 3000 });
      const common = Array.from({ length: 20 }, (_, n) => tag(1000 + n));
      for (let n = 0; n < 3000; n++) install({ key: { ethDst: n }, tags: [...common, tag(n % 10), tag(5000 + n)] });
      equal(table.carriersOf(tag(1000)), 3000);
      equal(table.invalidate(tag(3), at(0)), 300);
      equal(table.carriersOf(tag(1019)), 2700);
      equal(table.invalidate(tag(5001), at(0)), 1);
      equal(table.invalidate(tag(1007), at(0)), 2699);
      equal(table.size, 0);
      equal(table.carries(tag(1)), false);
    });
  });

  describe('lifetimes', () => {
    const MILLIS: readonly [Lifetime, number][] = [
      ['error', 5_000],
      ['short', 5_000],
      ['normal', 60_000],
      ['stateful', 30_000],
      ['tunnel', 300_000],
    ];
    for (const [lifetime, millis] of MILLIS) {
      it(`are hard: ${lifetime} flows stand ${millis} ms, hit or not`, () => {
        const flow = install({ lifetime }, 1000);
        table.hit(flow, 100);
        equal(lookup({}, 999 + millis), flow);
        equal(table.nextExpiry(), 1000 + millis);
        equal(lookup({}, 1000 + millis), NO_FLOW);
      });
    }

    it('end in the order of their instants', () => {
      const gone: [Lifetime, number][] = [];
      table = tableOf({ onRemoved: (flow, _, now) => gone.push([table.view(flow).lifetime, now]) });
      for (const [n, [lifetime]] of MILLIS.toReversed().entries()) install({ key: { ethDst: n }, lifetime }, n);
      for (let next = table.nextExpiry(); next !== undefined; next = table.nextExpiry()) table.expire(next);
      deepEqual(gone, [
        ['short', 5003],
        ['error', 5004],
        ['stateful', 30_001],
        ['normal', 60_002],
        ['tunnel', 300_000],
      ]);
    });
  });

  describe('a full table', () => {
    it('evicts the oldest of errors and short drops, then of normal, stateful, tunnel flows', () => {
      const evicted = filled('tunnel', 'stateful', 'normal', 'error', 'normal', 'short', 'error');
      for (let n = 10; n < 17; n++) equal(add(n, 'tunnel'), 'installed');
      deepEqual(evicted, [
        'evicted error-3',
        'evicted short-5',
        'evicted error-6',
        'evicted normal-2',
        'evicted normal-4',
        'evicted stateful-1',
        'evicted tunnel-0',
      ]);
    });

    it('refuses a flow that would be the first to go', () => {
      const evicted = filled('normal', 'tunnel');
      equal(add(10, 'error'), 'full');
      equal(table.size, 2);
      deepEqual(evicted, []);
      equal(add(11, 'normal'), 'installed');
      deepEqual(evicted, ['evicted normal-0']);
    });

    it('removes what has expired before it evicts', () => {
      const evicted = filled('normal', 'error');
      equal(add(10, 'normal', 5001), 'installed');
      deepEqual(evicted, ['expired error-1']);
    });

    it('holds a fifth more than the share of a worker', () => {
      equal(capacityFor(), 1_800_000);
      equal(capacityFor(1000, 3), 400);
      throws(() => new FlowTable({ capacity: -1, actions: NAMES }), RangeError);
    });

    it('takes nothing when it may hold nothing', () => {
      filled();
      equal(add(1, 'tunnel'), 'full');
    });
  });

  describe('counters and views', () => {
    it('counts the packets and octets of each flow', () => {
      const flow = install({ key: { ethDst: 1 } });
      const other = install({ key: { ethDst: 2 } });
      table.hit(flow, 60);
      table.hit(flow, 2 ** 33);
      deepEqual([table.view(flow).packets, table.view(flow).bytes], [2, 2 ** 33 + 60]);
      deepEqual([table.view(other).packets, table.view(other).bytes], [0, 0]);
    });

    it('counts from zero again where another flow lay', () => {
      const old = install({ tags: [tag(1)] });
      table.hit(old, 60);
      table.invalidate(tag(1), at(0));
      const flow = install();
      equal(flow, old);
      deepEqual([table.view(flow).packets, table.view(flow).bytes], [0, 0]);
    });

    it('lists flows in the order of insertion', () => {
      const order: Lifetime[] = ['tunnel', 'error', 'normal', 'short', 'stateful', 'normal'];
      for (const [n, lifetime] of order.entries()) install({ key: { ethDst: n }, lifetime }, n * 10);
      deepEqual(
        [...table.flows()].map((flow) => flow.lifetime),
        order,
      );
    });

    it('says of each removal why it was', () => {
      const removals: [string, Removal, number][] = [];
      table = tableOf({
        capacity: 2,
        onRemoved: (flow, why, now) => removals.push([table.view(flow).actions.join(), why, now]),
      });
      install({ key: { ethDst: 1 }, actions: ['a'], tags: [tag(1)] }, 0);
      install({ key: { ethDst: 2 }, actions: ['b'] }, 1);
      table.invalidate(tag(1), at(2));
      install({ key: { ethDst: 3 }, actions: ['c'] }, 3);
      install({ key: { ethDst: 4 }, actions: ['d'] }, 4);
      table.expire(at(60_003));
      table.clear(at(60_003.5));
      deepEqual(removals, [
        ['a', { kind: 'invalidated', tag: 1 }, 2],
        ['b', { kind: 'evicted' }, 4],
        ['c', { kind: 'expired' }, 60_003],
        ['d', { kind: 'cleared' }, 60_003.5],
      ]);
      deepEqual([...table.flows()], []);
      equal(table.nextExpiry(), undefined);
    });
  });
});
