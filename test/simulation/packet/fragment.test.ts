import { deepEqual, equal } from 'node:assert/strict';
import { assert, constantFrom, integer, property, shuffledSubarray, uint8Array } from 'fast-check';
import { countFragments, fragmentFrame, Reassembly, type FragmentFate } from '../../../simulation/packet/fragment.ts';
import { put16, u16 } from '../../../simulation/packet/octets.ts';
import { portIdOf } from '../../../topology/model/ids.ts';
import { anyFrameBytes } from '../any-packet.ts';
import { frameOf, ip, ipv4Frame, keyOf, tcpFrame } from '../packets.ts';

const here = { src: ip`10.0.0.1`, dst: ip`10.0.0.2` };
const ROUTER_ALERT = [0x94, 4, 0, 0];
const RECORD_ROUTE = [7, 7, 4, 0, 0, 0, 0, 1];

function countingOctets(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, n) => n * 7 + (n >> 8));
}

function packet(length: number, options: readonly number[] = [], padTo = 60): Uint8Array {
  return ipv4Frame(17, countingOctets(length), { ...here, options: Uint8Array.from(options), padTo });
}

function cut(bytes: Uint8Array, mtu: number): Uint8Array[] {
  return fragmentFrame(bytes, bytes.length, frameOf(bytes).layers, mtu);
}

/** Total length, more-fragments flag, offset in octets: of an untagged frame. */
function placeOf(bytes: Uint8Array): [number, boolean, number] {
  const place = u16(bytes, 20);
  return [u16(bytes, 16), (place & 0x2000) !== 0, (place & 0x1fff) * 8];
}

function join(pieces: readonly Uint8Array[]): [FragmentFate[], Uint8Array | undefined] {
  const reassembly = new Reassembly();
  const fates = pieces.map((bytes) => reassembly.add(bytes, frameOf(bytes).layers));
  return [fates, reassembly.frame()];
}

describe('fragmentFrame', () => {
  it('cuts at multiples of eight octets, all but the last with more to follow', () => {
    const pieces = cut(packet(100), 60);
    deepEqual(pieces.map(placeOf), [
      [60, true, 0],
      [60, true, 40],
      [40, false, 80],
    ]);
    for (const bytes of pieces) equal(keyOf(bytes, portIdOf(1)).isSoundIpv4, true);
  });

  it('cuts a fragment into smaller ones that lie where it lay', () => {
    const [, middle] = cut(packet(100), 60);
    deepEqual(cut(middle ?? packet(0), 44).map(placeOf), [
      [44, true, 40],
      [36, true, 64],
    ]);
  });

  it('copies the options that say so into every piece, the others into the first', () => {
    const [first, second] = cut(packet(100, [...RECORD_ROUTE, ...ROUTER_ALERT]), 72);
    equal((first?.[14] ?? 0) & 15, 8);
    equal((second?.[14] ?? 0) & 15, 6);
    deepEqual(Array.from(second?.slice(34, 38) ?? []), ROUTER_ALERT);
  });

  it('leaves padding behind, and a packet that fits as it is', () => {
    deepEqual(cut(packet(10), 60), [packet(10, [], 0)]);
  });

  it('cuts nothing that may not or cannot be cut', () => {
    deepEqual(cut(tcpFrame({ ...here, dontFragment: true, payload: countingOctets(80) }), 60), []);
    deepEqual(cut(packet(100), 27), []);
    equal(cut(packet(100), 28).length, 13);
    deepEqual(cut(packet(100).slice(0, 90), 60), []);
    deepEqual(cut(packet(100, [7, 9, 4, 0]), 60), []);
  });

  it('makes of any frame pieces that fit and, put together in any order, are the packet again', () => {
    const anyOptions = constantFrom([], ROUTER_ALERT, RECORD_ROUTE);
    const anyOrder = shuffledSubarray([...Array.from({ length: 40 }).keys()], { minLength: 40 });
    assert(
      property(
        uint8Array({ maxLength: 300, size: 'max' }),
        anyOptions,
        integer({ min: 40, max: 120 }),
        anyOrder,
        (data, options, mtu, order) => {
          const whole = ipv4Frame(17, data, { ...here, options: Uint8Array.from(options), padTo: 0 });
          const pieces = cut(whole, mtu);
          for (const bytes of pieces) equal((placeOf(bytes)[0] ?? 0) <= mtu, true);
          equal(countFragments(whole, whole.length, frameOf(whole).layers, mtu), pieces.length);
          if (pieces.length === 1) return;
          const shuffled = order.flatMap((n) => pieces[n] ?? []);
          deepEqual(join(shuffled)[1], whole);
        },
      ),
    );
  });

  it('takes any frame', () => {
    assert(
      property(anyFrameBytes, integer({ min: 0, max: 100 }), (bytes, mtu) => {
        equal(countFragments(bytes, bytes.length, frameOf(bytes).layers, mtu), cut(bytes, mtu).length);
      }),
    );
  });
});

describe('Reassembly', () => {
  const [one, two, three] = cut(packet(100), 60) as [Uint8Array, Uint8Array, Uint8Array];

  it('tells when the datagram is whole', () => {
    const [fates, frame] = join([three, one, two]);
    deepEqual(fates, ['waiting', 'waiting', 'whole']);
    deepEqual(frame, packet(100));
    equal(join([one, three])[1], undefined);
  });

  it('C23: passes exact duplicates', () => {
    deepEqual(join([one, one, three, two, two, three])[0], [
      'waiting',
      'duplicate',
      'waiting',
      'whole',
      'duplicate',
      'duplicate',
    ]);
  });

  it('C23: refuses an overlap and all that comes after it', () => {
    const shifted = two.slice();
    put16(shifted, 20, 0x2000 | 4);
    deepEqual(join([one, shifted, two, three]), [['waiting', 'overlap', 'overlap', 'overlap'], undefined]);
    deepEqual(join([shifted, two])[0], ['waiting', 'overlap']);
    const other = two.slice();
    other[40] = (other[40] ?? 0) ^ 1;
    deepEqual(join([two, other])[0], ['waiting', 'overlap'], 'the same place with other octets');
  });

  it('refuses two ends that differ', () => {
    const end = two.slice();
    put16(end, 20, 5);
    deepEqual(join([end, three])[0], ['waiting', 'overlap']);
    deepEqual(join([three, end])[0], ['waiting', 'overlap']);
  });

  it('refuses alone what is no fragment of a datagram', () => {
    const odd = cut(packet(47), 60)[0] ?? packet(0);
    put16(odd, 16, 59);
    const far = two.slice();
    put16(far, 20, 0x1fff);
    const empty = two.slice();
    put16(empty, 16, 20);
    const short = two.slice(0, 70);
    deepEqual(join([odd, far, empty, short, tcpFrame(here).slice(0, 20), one, two, three])[0], [
      'malformed',
      'malformed',
      'malformed',
      'malformed',
      'malformed',
      'waiting',
      'waiting',
      'whole',
    ]);
  });

  it('takes 64 KiB and no more', () => {
    const whole = packet(65_475);
    const [fates, frame] = join(cut(whole, 1500));
    equal(fates.at(-1), 'whole');
    deepEqual(frame, whole);
    equal(join(cut(packet(65_515), 1500))[0].at(-1), 'malformed');
  });
});
