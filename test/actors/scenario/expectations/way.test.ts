import { equal } from 'node:assert/strict';
import { isWay } from '../../../../actors/scenario/expectations/path-check.ts';

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
