import { deepEqual, equal } from 'node:assert/strict';
import { PathCheck } from '../../../../actors/scenario/expectations/path-check.ts';
import { isWay, widened } from '../../../../actors/scenario/expectations/way-fit.ts';
import type { PacketTrace } from '../../../../datapath/trace/packet-trace.ts';
import { UDP } from './frames.ts';

const WAY = ['lan:pc', 'lan', 'lan:up', 'gw:to-lan', 'gw', 'gw:to-wan', 'wan:gw', 'wan', 'wan:isp'];

function isWayOf(words: string): boolean {
  return isWay(words.split(' '), WAY);
}

describe('An expected path', () => {
  it('names ports of entry and exit and the devices between, with inner ports or without', () => {
    equal(isWayOf('lan:pc lan gw wan wan:isp'), true);
    equal(isWayOf(WAY.join(' ')), true);
    equal(isWayOf('lan:pc lan gw gw:to-wan wan wan:isp'), true);
    equal(isWayOf('lan:pc ... wan wan:isp'), true);
  });

  it('leaves out neither a device nor the ports at its ends', () => {
    equal(isWayOf('lan:pc lan wan wan:isp'), false);
    equal(isWayOf('lan gw wan wan:isp'), false);
    equal(isWayOf('lan:pc lan gw wan'), false);
  });

  it('is another one when an inner port that it names is another', () => {
    equal(isWayOf('lan:pc lan lan:other gw wan wan:isp'), false);
    equal(isWayOf('lan:pc lan gw:to-wan gw wan wan:isp'), false);
  });
});

/** Packets one after the other, each with its ways. */
function commonOf(...packets: readonly (readonly string[])[]): string {
  let path: readonly string[] | undefined;
  for (const ways of packets) {
    const split = ways.map((way) => way.split(' '));
    path = widened(path, split, 'lan:pc lan gw'.split(' '));
    equal(
      split.some((way) => isWay(path ?? [], way)),
      true,
    );
  }
  return (path ?? []).join(' ');
}

describe('The path that packets have in common', () => {
  const way = WAY.join(' ');

  it('is the way that all of them went, without inner ports', () => {
    equal(commonOf([way], [way]), 'lan:pc lan gw wan wan:isp');
    equal(commonOf(['lan:pc lan lan:tv', way], ['lan:pc lan lan:tv', way]), 'lan:pc lan gw wan wan:isp');
  });

  it('has a gap where their ways differ', () => {
    equal(commonOf([way], ['lan:pc lan fw wan wan:isp']), 'lan:pc lan ... wan wan:isp');
    equal(commonOf([way], ['lan:pc lan fw wan wan:isp'], ['lan:pc wan wan:isp']), 'lan:pc ... wan wan:isp');
    equal(commonOf([way], ['lan:pc lan']), 'lan:pc lan ...');
    equal(commonOf(['a:1 a b b:1'], ['c:1 c d d:1']), '...');
    equal(commonOf(['a:1 a a b'], ['a:1 a b']), 'a:1 a ... b');
  });
});

/** The story of a packet that went several ways. */
function flooded(...ways: readonly string[]): PacketTrace {
  let steps = 0;
  const way = ways.flatMap((words) =>
    words.split(' ').map((device, at) => ({ parent: at === 0 ? undefined : steps - 1, device, step: steps++ })),
  );
  const frame = Buffer.from(UDP).toString('hex');
  return {
    packet: 1,
    origin: { kind: 'capture' },
    frame,
    wireLength: UDP.length,
    way,
    disposition: { kind: 'dropped' },
  } as never;
}

describe('A packet that left its path', () => {
  const match = new Map([['udp.dstport', '53']]);
  /** The last rows: where it left. */
  const straying = (path: string, ...ways: readonly string[]): readonly unknown[] => {
    const where = { path: 'x.yaml', line: 1, column: 1 };
    const check = new PathCheck([{ where, place: ['expect'], match, path: path.split(' ') }], (port) => port);
    check.traced(flooded(...ways));
    const fields = check.results(undefined)[0]?.failure?.nearest?.fields ?? [];
    return fields.slice(1).map(({ field, expected, received }) => [field, expected, received]);
  };

  it('is told by the way that is as expected for longest, and the first place where it is not', () => {
    deepEqual(straying('lan:pc lan gw wan', 'lan:pc lan lan:tv', 'lan:pc lan lan:up gw:to-lan gw gw:to-dmz dmz'), [
      ['path', 'lan:pc > lan > gw > wan', 'lan:pc > lan > lan:up > gw:to-lan > gw > gw:to-dmz > dmz'],
      ['after gw', 'wan', 'dmz'],
    ]);
  });

  it('may have gone on, or begun elsewhere, or missed a device wherever it was looked for', () => {
    deepEqual(straying('lan:pc lan', 'lan:pc lan lan:tv')[1], ['after lan', undefined, 'lan:tv']);
    deepEqual(straying('lan:pc lan', 'lan:tv lan')[1], ['first', 'lan:pc', 'lan:tv']);
    deepEqual(straying('lan:pc ... wan', 'lan:pc lan gw')[1], ['after lan:pc > ...', 'wan', undefined]);
    deepEqual(straying('lan:pc lan gw:to-lan gw', 'lan:pc lan lan:up gw')[1], ['after lan', 'gw:to-lan', 'lan:up']);
  });
});
