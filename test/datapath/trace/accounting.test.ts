import { deepEqual, equal, ok } from 'node:assert/strict';
import * as fc from 'fast-check';
import { Accounting, EVERY_END } from '../../../datapath/trace/accounting.ts';
import {
  CONSUMED_REASONS,
  DISPOSITION_KINDS,
  DROP_MEANINGS,
  NOT_SELECTED,
  UNREADABLE_REASONS,
  type FrameDisposition,
} from '../../../datapath/trace/dispositions.ts';
import { PLAIN_LOOK } from '../../../ops/render/look.ts';
import { formatSummary } from '../../../ops/render/summary.ts';
import { FORWARDED } from '../../../simulation/outcome.ts';
import { DROP_REASONS } from '../../../simulation/verdict.ts';
import { equalsGolden } from '../../golden.ts';

/** A run of three inputs, with a flood and an ICMP error. */
function someRun(): Accounting {
  const accounting = new Accounting(['web-1.pcap', 'wlan.pcap', 'station ann']);
  const ends: readonly (readonly [FrameDisposition, number])[] = [
    [FORWARDED, 1],
    [FORWARDED, 3],
    [{ kind: 'consumed', reason: 'arp-answered' }, 0],
    [{ kind: 'dropped', reason: 'ttl-expired' }, 0],
    [{ kind: 'gave-up', reason: 'waited-too-long' }, 0],
    [NOT_SELECTED, 0],
    [{ kind: 'unreadable', reason: 'cut-short' }, 0],
  ];
  for (const [disposition, copies] of ends) {
    accounting.arrived('web-1.pcap');
    accounting.ended('web-1.pcap', disposition, copies);
    for (let n = 0; n < copies; n++) accounting.frameOut(n === 0 ? 'db:db-1' : `web:web-${n + 1}`, 60);
  }
  accounting.setAside('wlan.pcap', { kind: 'unreadable', reason: 'link-type' }, 12);
  accounting.generated();
  accounting.generatedEnded(FORWARDED, 1);
  accounting.frameOut('web:web-1', 70);
  return accounting;
}

function table(words: Readonly<Record<string, string>>): string {
  const rows = Object.entries(words).map(([word, sentence]) => `- \`${word}\`: ${sentence}\n`);
  return rows.join('');
}

describe('the accounting of a run', () => {
  it('counts what devices held back, by what it was to be (C12)', () => {
    const accounting = new Accounting();
    accounting.limited('icmp-error');
    accounting.limited('icmp-error');
    deepEqual(accounting.report().limited, [{ cause: 'icmp-error', packets: 2 }]);
    deepEqual(accounting.check(), []);
  });

  it('shows how every frame ended, where frames left, and that it adds up', () => {
    const accounting = someRun();
    deepEqual(accounting.check(), []);
    const text = formatSummary(accounting.report(), { flows: 2, hits: 1, simulations: 5 }, PLAIN_LOOK);
    equalsGolden(text, 'test/ops/render/golden/summary.txt');
  });

  it('says what is missing when a frame came and never ended', () => {
    const accounting = someRun();
    accounting.arrived('web-1.pcap');
    const [first = '', second = ''] = accounting.check();
    equal(first, 'web-1.pcap: 8 came, 7 ended');
    ok(second.startsWith('frames in: counted 20, but 2 forwarded + 1 consumed'));
  });

  it('says what is wrong when a frame left and nobody knows why', () => {
    const accounting = someRun();
    accounting.frameOut('db:db-1', 60);
    deepEqual(accounting.check(), ['frames out: counted 6, but 4 copies of forwarded frames + 1 generated frame']);
    const text = formatSummary(accounting.report(), { flows: 0, hits: 0, simulations: 0 }, PLAIN_LOOK);
    ok(text.endsWith('✗ frames out 6 but 4 copies of forwarded frames + 1 generated frame\n'));
  });

  it('speaks of one copy as of one', () => {
    const accounting = new Accounting(['b']);
    accounting.arrived('b');
    accounting.frameOut('p', 60);
    accounting.ended('b', { kind: 'forwarded', reason: undefined }, 1);
    const text = formatSummary(accounting.report(), { flows: 0, hits: 0, simulations: 0 }, PLAIN_LOOK);
    ok(text.endsWith('✓ frames out 1 = 1 copy of a forwarded frame\n'), text);
  });

  it('does not believe in forwarded frames without a copy, nor in copies of dropped ones', () => {
    const accounting = new Accounting();
    accounting.arrived('a');
    accounting.ended('a', FORWARDED, 0);
    equal(accounting.check().length, 1);
    accounting.arrived('a');
    accounting.ended('a', { kind: 'dropped', reason: 'no-route' }, 1);
    accounting.frameOut('p', 1);
    deepEqual(accounting.check(), ['a: 2 forwarded without a copy, or with one and not forwarded']);
  });

  it('explains that nothing came in and nothing went out', () => {
    const text = formatSummary(new Accounting().report(), { flows: 0, hits: 0, simulations: 0 }, PLAIN_LOOK);
    ok(text.startsWith('No frames came in: the run has no inputs.\n\nNo frame left the network.\n'));
  });

  it('adds up whatever happens, in whatever order', () => {
    const anyEnd = fc.constantFrom(...EVERY_END).map(([kind, reason]) => ({ kind, reason }) as FrameDisposition);
    const anyFrame = fc.tuple(fc.constantFrom('a', 'b', 'made'), anyEnd, fc.integer({ min: 1, max: 3 }));
    fc.assert(
      fc.property(fc.array(anyFrame), (frames) => {
        const accounting = new Accounting(['b']);
        for (const [origin, end, some] of frames) {
          const copies = end.kind === 'forwarded' ? some : 0;
          const isMade = origin === 'made' && end.kind !== 'not-selected' && end.kind !== 'unreadable';
          if (isMade) accounting.generated();
          else accounting.arrived(origin);
          for (let n = 0; n < copies; n++) accounting.frameOut('p', 60);
          if (isMade) accounting.generatedEnded(end, copies);
          else accounting.ended(origin, end, copies);
        }
        deepEqual(accounting.check(), []);
        const { inputs, generated } = accounting.report();
        const shown = [...inputs, generated].flatMap(({ ended }) => ended).reduce((sum, end) => sum + end.frames, 0);
        equal(shown, frames.length);
      }),
    );
  });
});

describe('the document about dispositions', () => {
  it('has every disposition and every reason of the code, each with its sentence', () => {
    const document = `# How a frame may end

Every frame of every input of a run ends in exactly one of these ways. The list is closed: these words, and no others, stand in
summaries, in \`run.json\`, in traces and in the comments of captures. Two sums are checked and shown in each run:

- frames in = the frames that ended in each of these ways;
- frames out = copies of forwarded frames (a flood makes several) + copies of packets that devices made themselves.

A copy may leave by a port and reach nobody: the agent there died, or a link is down at a host that is cut off, and the network does not know
yet. It is counted as lost, by port and reason (\`lost\` in \`run.json\`), and not among the frames out. A packet that has no other copy was
dropped for that reason.

${table(DISPOSITION_KINDS)}
## Why a packet was consumed

${table(CONSUMED_REASONS)}
## Why a packet was dropped, or given up

${table(DROP_MEANINGS)}
## Why a frame is unreadable

${table(UNREADABLE_REASONS)}`;
    equalsGolden(document, 'docs/dispositions.md');
    deepEqual(Object.keys(DROP_MEANINGS).toSorted(), Object.keys(DROP_REASONS).toSorted());
  });
});
