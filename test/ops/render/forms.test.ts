import { deepEqual, equal, ok } from 'node:assert/strict';
import * as fc from 'fast-check';
import { buildPacket } from '../../../actors/expression/build-packet.ts';
import { parsePacketExpression } from '../../../actors/expression/parse-expression.ts';
import { NOWHERE } from '../../../actors/expression/surroundings.ts';
import { frameOf } from '../../../actors/frame-of.ts';
import { COLOURED, paintFor, PLAIN } from '../../../ops/render/colour.ts';
import { ASCII, lookFor, PLAIN_LOOK, UNICODE } from '../../../ops/render/look.ts';
import { describePacketInFull } from '../../../ops/render/packet-in-full.ts';
import { formatTable } from '../../../ops/render/table.ts';
import { clip, printable, widthOf } from '../../../ops/render/text-width.ts';
import { formatPaths, PathGroups } from '../../../ops/render/trace-paths.ts';
import { equalsGolden } from '../../golden.ts';
import { SAMPLES } from './sample-traces.ts';

const GOLDEN = 'test/ops/render/golden';

function signsIn(environment: Readonly<Record<string, string>>): unknown {
  return lookFor('auto', { isTTY: true, columns: 80 }, environment).signs;
}

describe('colours', () => {
  it('are for terminals, unless the environment or --color say otherwise', () => {
    const rows: readonly (readonly [Parameters<typeof paintFor>, boolean])[] = [
      [['auto', true, {}], true],
      [['auto', false, {}], false],
      [['auto', true, { TERM: 'dumb' }], false],
      [['auto', true, { NO_COLOR: '1' }], false],
      [['auto', true, { NO_COLOR: '' }], true],
      [['auto', false, { CLICOLOR_FORCE: '1' }], true],
      [['auto', false, { CLICOLOR_FORCE: '0' }], false],
      [['auto', true, { NO_COLOR: '1', CLICOLOR_FORCE: '1' }], false],
      [['always', false, { NO_COLOR: '1' }], true],
      [['never', true, { CLICOLOR_FORCE: '1' }], false],
    ];
    for (const [given, isColoured] of rows)
      equal(paintFor(...given), isColoured ? COLOURED : PLAIN, JSON.stringify(given));
  });

  it('are written whatever the stream of the process is, once they are wanted', () => {
    equal(COLOURED.bad('no'), '\u001b[31mno\u001b[39m');
    equal(COLOURED.good(''), '');
  });

  it('go with signs that the locale can show', () => {
    equal(signsIn({}), UNICODE);
    equal(signsIn({ LANG: 'de_DE.UTF-8' }), UNICODE);
    equal(signsIn({ LANG: 'de_DE.utf8', LC_ALL: 'C' }), ASCII);
    equal(signsIn({ LANG: 'C', LC_CTYPE: 'C.UTF-8' }), UNICODE);
    equal(lookFor('auto', { columns: 80 }, {}).width, undefined);
    equal(lookFor('auto', { isTTY: true, columns: 0 }, {}).width, undefined);
  });
});

describe('a table', () => {
  const columns = [{ title: 'NAME' }, { title: 'N', align: 'right' }, { title: 'WHY' }] as const;

  it('has columns as wide as they need, and no blanks at the ends of lines', () => {
    deepEqual(
      formatTable(
        columns,
        [
          ['a', '1', 'because'],
          ['longer', '10', ''],
        ],
        PLAIN_LOOK,
      ),
      ['NAME     N  WHY', 'a        1  because', 'longer  10'],
    );
  });

  it('gives up the widest columns first on a narrow terminal', () => {
    const rows = [['short', '1', 'a reason that is much too long for this terminal']];
    deepEqual(formatTable(columns, rows, { ...PLAIN_LOOK, width: 30 }), [
      'NAME   N  WHY',
      'short  1  a reason that is mu…',
    ]);
  });

  it('aligns names in any script, and shows control characters', () => {
    deepEqual(
      formatTable(
        columns,
        [
          ['網路', '1', 'x'],
          ['a\u001b[2J', '2', 'y'],
        ],
        PLAIN_LOOK,
      ),
      ['NAME      N  WHY', '網路      1  x', String.raw`a\x1b[2J  2  y`],
    );
  });

  it('never is wider than the terminal when its columns can be cut', () => {
    const anyRow = fc.tuple(fc.string({ unit: 'binary', maxLength: 80 }), fc.string(), fc.string());
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 4 }), fc.integer({ min: 40, max: 120 }), (rows, width) => {
        for (const line of formatTable(columns, rows, { ...PLAIN_LOOK, width })) ok(widthOf(line) <= width, line);
      }),
      { numRuns: 50 },
    );
  }).timeout(20_000);

  it('measures signs without looking for letters that join, and joined ones as one', () => {
    equal(widthOf('→ é ✓ │'), 7);
    equal(widthOf('e\u0301'), 1);
    equal(widthOf('👩‍🔧'), 2);
  });

  it('clips text to the columns there are', () => {
    equal(clip('abcdef', 4, '…'), 'abc…');
    equal(clip('網路網路', 4, '…'), '網…');
    equal(clip('abc', 0, '…'), '');
    equal(printable('a\u202eb'), String.raw`a\u202eb`);
  });
});

describe('the paths of many packets', () => {
  it('are shown once each, with the number of packets, one of them, and how they ended', () => {
    const groups = new PathGroups();
    for (let n = 0; n < 3; n++) for (const trace of SAMPLES.values()) if (n < 2 || trace.hit) groups.add(trace);
    equalsGolden(formatPaths(groups.paths, PLAIN_LOOK), `${GOLDEN}/paths.txt`);
  });

  it('say that there were none', () => {
    equal(formatPaths([], PLAIN_LOOK), 'No packets were traced.\n');
  });
});

describe('a packet shown in full', () => {
  const texts = {
    'packet-tcp': 'tcp 10.0.1.10:4000 > 10.0.2.20:80 eth.dst=02:00:00:00:01:01 payload="GET / HTTP/1.0"',
    'packet-tagged': 'udp 10.0.1.10:53 > 10.0.2.20:53 eth.dst=02:00:00:00:01:01 vlan=100 vlan=5p3 checksum=bad len=200',
    'packet-arp': 'arp who-has 10.0.1.1 tell 10.0.1.10',
  };
  for (const [name, text] of Object.entries(texts))
    it(`has a line for every layer, then its octets: ${text}`, () => {
      const expression = parsePacketExpression(text);
      ok(expression.kind === 'packet');
      const packet = buildPacket(expression, NOWHERE);
      ok(packet.kind === 'built');
      equalsGolden(`${describePacketInFull(frameOf(packet.bytes), PLAIN_LOOK).join('\n')}\n`, `${GOLDEN}/${name}.txt`);
    });
});
