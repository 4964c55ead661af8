import { equal } from 'node:assert/strict';
import { tagOf, type Tag, type TagKind } from '../../simulation/tag.ts';

const KINDS: readonly TagKind[] = ['Route', 'DestIp', 'ArpEntry'];
const DEVICES = 300;
const OBJECTS = 600;

describe('tags', () => {
  it('are different numbers for different facts, however alike devices, addresses and ports are numbered', () => {
    const tags = new Set<Tag>();
    for (const kind of KINDS) {
      for (let device = 1; device <= DEVICES; device++) {
        for (let object = 0; object < OBJECTS; object++) tags.add(tagOf(kind, device, object));
      }
    }
    equal(tags.size, KINDS.length * DEVICES * OBJECTS);
  });

  it('tell apart stations by every part of what is known of them', () => {
    const tags = new Set<Tag>();
    for (let n = 0; n < 20 ** 4; n++) {
      const [bridge, station, vlan, port] = [
        n % 20,
        Math.floor(n / 20) % 20,
        Math.floor(n / 400) % 20,
        Math.floor(n / 8000),
      ];
      tags.add(tagOf('Learned', bridge, 0x0200_0000_0000 + station * 2 ** (station % 3 === 0 ? 32 : 0), vlan, port));
    }
    equal(tags.size, 20 ** 4);
  });

  it('are the same number for the same fact, of 53 bits at most', () => {
    equal(tagOf('VlanPort', 7, 0xffff_ffff_ffff, 4095, 9), tagOf('VlanPort', 7, 0xffff_ffff_ffff, 4095, 9));
    for (let n = 0; n < 1000; n++) equal(Number.isSafeInteger(tagOf('Device', n)) && tagOf('Device', n) >= 0, true);
  });
});
