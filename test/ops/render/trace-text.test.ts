import { doesNotMatch, equal, match, ok } from 'node:assert/strict';
import { COLOURED } from '../../../ops/render/colour.ts';
import { ASCII, PLAIN_LOOK } from '../../../ops/render/look.ts';
import { widthOf } from '../../../ops/render/text-width.ts';
import { DETAILS, formatTrace } from '../../../ops/render/trace-text.ts';
import { formatTraceTree } from '../../../ops/render/trace-tree.ts';
import { equalsGolden } from '../../golden.ts';
import { SAMPLES } from './sample-traces.ts';

const GOLDEN = 'test/ops/render/golden';
const FORMS = [formatTrace, formatTraceTree];
const NARROW = { ...PLAIN_LOOK, width: 80 };
// oxlint-disable-next-line eslint/no-control-regex -- the colours that are to be taken away start with ESC
const COLOURS = /\u001b\[\d+m/g;

describe('the story of a packet', () => {
  for (const [name, trace] of SAMPLES) {
    for (const detail of DETAILS)
      it(`${name} is told with ${detail} detail`, () => {
        equalsGolden(formatTrace(trace, detail, PLAIN_LOOK), `${GOLDEN}/${name}.${detail}.txt`);
      });

    for (const detail of DETAILS)
      it(`${name} is drawn as a tree with ${detail} detail, in UTF-8 and in ASCII`, () => {
        equalsGolden(formatTraceTree(trace, detail, PLAIN_LOOK), `${GOLDEN}/${name}.${detail}.tree.txt`);
        const drawing = formatTraceTree(trace, detail, { ...PLAIN_LOOK, signs: ASCII });
        equalsGolden(drawing, `${GOLDEN}/${name}.${detail}.tree-ascii.txt`);
        match(drawing, /^[\n\x20-\x7e]*$/);
      });

    it(`${name} ends with the lines that users of ofproto/trace look for, unless the least is asked for`, () => {
      for (const format of FORMS) {
        for (const detail of ['summary', 'full'] as const) match(format(trace, detail, PLAIN_LOOK), ENDING);
        doesNotMatch(format(trace, 'minimal', PLAIN_LOOK), /Final flow|Megaflow|Datapath actions/);
      }
    });

    it(`${name} is a line of text with the least detail, and each level tells more than the one before`, () => {
      equal(formatTrace(trace, 'minimal', PLAIN_LOOK).split('\n').length, 2);
      for (const format of FORMS) {
        const [least = 0, some = 0, all = 0] = DETAILS.map((detail) => format(trace, detail, PLAIN_LOOK).length);
        ok(least < some && some < all, format.name);
      }
    });

    it(`${name} is told in the same words with colours and without`, () => {
      const coloured = { ...PLAIN_LOOK, paint: COLOURED };
      for (const format of FORMS)
        for (const detail of DETAILS)
          equal(format(trace, detail, coloured).replaceAll(COLOURS, ''), format(trace, detail, PLAIN_LOOK));
    });

    it(`${name} keeps every hop on one line of a narrow terminal`, () => {
      const table = formatTrace(trace, 'summary', NARROW).split('\n\n')[1] ?? '';
      if (!trace.hit) for (const line of table.split('\n')) ok(widthOf(line) <= 80 || line.startsWith('Run'), line);
    });
  }

  it('fits a screen of forty lines in its summary, however wide a flood', () => {
    const wide = SAMPLES.get('wide-flood');
    ok(wide !== undefined && formatTrace(wide, 'summary', NARROW).split('\n').length < 40);
  });

  it('shows control characters of names instead of obeying them', () => {
    const routed = SAMPLES.get('routed');
    ok(routed !== undefined);
    const hops = routed.hops.map((hop) => ({ ...hop, device: '\u001b[2Jweb' }));
    for (const text of [
      formatTrace({ ...routed, hops, port: '\u0007' }, 'full', PLAIN_LOOK),
      formatTrace({ ...routed, hops }, 'summary', PLAIN_LOOK),
      formatTrace({ ...routed, port: '\u001b[2Jweb' }, 'minimal', PLAIN_LOOK),
      formatTraceTree({ ...routed, hops }, 'full', PLAIN_LOOK),
    ]) {
      ok(!text.includes('\u001b') && !text.includes('\u0007'));
      match(text, /\\x1b\[2Jweb/);
    }
  });
});

const ENDING = /(^|\n)Final flow: [^\n]+\n(Final flow: [^\n]+\n)*Megaflow: [^\n]+\nDatapath actions: [^\n]+\n$/;
