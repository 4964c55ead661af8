import { deepEqual, equal, notDeepEqual } from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  ACTIONS_CODEC,
  countOutputs,
  firstOutput,
  outcomeAt,
  StoredOutput,
  type Sending,
} from '../../datapath/action-words.ts';
import type { FlowActions } from '../../datapath/flow-actions.ts';
import { FORWARDED, type Outcome } from '../../simulation/outcome.ts';
import { ETH_DST, ETH_SRC, FRAGMENT, IP_SRC, L4_DST, IP_PROTO, TTL, VLAN } from '../../simulation/packet/fields.ts';
import { KEY_WORDS } from '../../simulation/packet/key-layout.ts';
import { applyRewrite, REWRITE_ROOM, rewriteOf } from '../../simulation/packet/rewrite.ts';
import { CONSUMED_REASONS, DROP_REASONS, type DropReason } from '../../simulation/verdict.ts';
import { portIdOf } from '../../topology/model/ids.ts';
import { ipv4Of } from '../../topology/model/ipv4.ts';
import { frameOf, ip, tcpFrame } from '../simulation/packets.ts';

const local: FlowActions = {
  outputs: [{ port: portIdOf(3), rewrite: undefined, mtu: Infinity, tunnel: undefined }],
  outcome: FORWARDED,
};
const through = (key: number): FlowActions => ({
  outputs: [
    {
      port: portIdOf(3),
      rewrite: undefined,
      mtu: Infinity,
      tunnel: { key, source: ip`192.0.2.1`, destination: ip`192.0.2.2` },
    },
  ],
  outcome: FORWARDED,
});

const dropping = (reason: 'no-route' | 'reject-route'): FlowActions => ({
  outputs: [],
  outcome: { kind: 'dropped', reason },
});

const drops = Object.keys(DROP_REASONS) as DropReason[];
const outcomes: fc.Arbitrary<Outcome> = fc.oneof(
  fc.constant(FORWARDED),
  fc.constantFrom(...CONSUMED_REASONS).map((reason): Outcome => ({ kind: 'consumed', reason })),
  fc.constantFrom(...drops).map((reason): Outcome => ({ kind: 'dropped', reason })),
  fc.constantFrom(...drops).map((reason): Outcome => ({ kind: 'gave-up', reason })),
);
const words = fc.uint32Array({ minLength: KEY_WORDS, maxLength: KEY_WORDS });
const written = fc
  .subarray([ETH_DST, ETH_SRC, VLAN, TTL & ~FRAGMENT, IP_SRC & ~FRAGMENT, L4_DST & ~IP_PROTO])
  .map((fields) => fields.reduce((all, field) => all | field, 0));
const rewrites = fc
  .tuple(words, written)
  .map(([after, fields]) => rewriteOf(new Uint32Array(KEY_WORDS), after, fields, 0));
const addresses = fc.integer({ min: 0, max: 0xffff_ffff }).map(ipv4Of);
const tunnels = fc.record(
  { key: fc.nat(0xff_ffff), source: addresses, destination: addresses },
  { noNullPrototype: true },
);
const outputs = fc.record(
  {
    port: fc.integer({ min: 1, max: 0x7fff_ffff }).map(portIdOf),
    rewrite: rewrites,
    mtu: fc.oneof(fc.constant(Infinity), fc.integer({ min: 68, max: 65_535 })),
    tunnel: fc.option(tunnels, { nil: undefined }),
  },
  { noNullPrototype: true },
);
const actions: fc.Arbitrary<FlowActions> = fc.record(
  { outputs: fc.array(outputs, { maxLength: 4 }), outcome: outcomes },
  { noNullPrototype: true },
);

const encoded = (one: FlowActions): readonly number[] => ACTIONS_CODEC.encode(one);

describe('flow actions as words', () => {
  it('are alike when they do the same to every packet', () => {
    deepEqual(encoded(through(7)), encoded(through(7)));
  });

  it('differ by the tunnel they take', () => {
    notDeepEqual(encoded(through(7)), encoded(through(8)));
    notDeepEqual(encoded(through(7)), encoded(local));
  });

  it('differ by why they drop', () => {
    notDeepEqual(encoded(dropping('no-route')), encoded(dropping('reject-route')));
  });

  it('come back as they were, wherever they lie', () => {
    fc.assert(
      fc.property(fc.array(actions, { maxLength: 3 }), (all) => {
        const stored = Int32Array.from(all.flatMap(encoded));
        let at = 0;
        for (const one of all) {
          deepEqual(ACTIONS_CODEC.decode(stored, at), one);
          at += encoded(one).length;
        }
      }),
    );
  });

  it('do the same to a packet when they are read in place, one output after the other', () => {
    const frame = frameOf(tcpFrame({ src: ip`10.0.0.1`, dst: ip`10.0.0.2`, tags: [5] }));
    const leaving = ({ rewrite }: Sending): string => {
      const out = new Uint8Array(frame.bytes.length + REWRITE_ROOM);
      const length = applyRewrite(rewrite, frame.bytes, frame.bytes.length, frame.layers, out, 0);
      return Buffer.from(out.subarray(0, length)).toString('hex');
    };
    fc.assert(
      fc.property(actions, (all) => {
        const stored = Int32Array.from(encoded(all));
        deepEqual([outcomeAt(stored, 0), countOutputs(stored, 0)], [all.outcome, all.outputs.length]);
        const output = new StoredOutput();
        let at = firstOutput(0);
        for (const given of all.outputs) {
          at = output.read(stored, at);
          deepEqual([output.port, output.tunnel], [given.port, given.tunnel]);
          equal(leaving(output), leaving(given));
        }
      }),
    );
  });
});
