import { deepEqual, equal, throws } from 'node:assert/strict';
import { assert, integer, property } from 'fast-check';
import { chanceFor } from '../../../../actors/chance.ts';
import { checkHistory, formatVerdict } from './check-history.ts';
import { formatHistory, parseHistory, type Operation, type Value } from './operation.ts';
import { simulate } from './simulate.ts';
import { isSoundByTrying } from './try-all-orders.ts';

const verdictOf = (history: readonly Operation[]) => formatVerdict(checkHistory(history, 0));
const isSound = (history: readonly Operation[]) => checkHistory(history, 0).kind === 'sound';

type Read = Extract<Operation, { readonly operation: 'read' | 'plain-read' }>;

const key = 'k';
const write = (process: number, value: Value, start: number, end: number): Operation => ({
  process,
  operation: 'write',
  key,
  value,
  start,
  end,
  result: 'done',
});
const unsureWrite = (process: number, value: Value, start: number): Operation => ({
  process,
  operation: 'write',
  key,
  value,
  start,
  end: null,
  result: 'unknown',
});
const cas = (process: number, expected: Value, next: Value, start: number, end: number): Operation => ({
  process,
  operation: 'cas',
  key,
  value: [expected, next],
  start,
  end,
  result: 'done',
});
const read = (process: number, result: Value, start: number, end: number): Read => ({
  process,
  operation: 'read',
  key,
  value: null,
  start,
  end,
  result,
});
const plainRead = (process: number, result: Value, start: number, end: number): Read => ({
  ...read(process, result, start, end),
  operation: 'plain-read',
});

describe('the checker of histories', () => {
  it('takes a read for sound that finds the old or the new value while a write is under way', () => {
    for (const seen of [0, 1]) equal(verdictOf([write(1, 1, 0, 10), read(2, seen, 5, 6)]), 'sound');
  });

  it('finds a stale read, unless it is a plain one', () => {
    equal(isSound([write(1, 1, 0, 1), read(2, 0, 2, 3)]), false);
    equal(isSound([write(1, 1, 0, 1), plainRead(2, 0, 2, 3)]), true);
  });

  it('finds a plain read that goes back, or misses what its own process wrote or read', () => {
    equal(isSound([write(1, 1, 0, 1), plainRead(2, 1, 2, 3), plainRead(2, 0, 4, 5)]), false);
    equal(isSound([write(1, 1, 0, 1), plainRead(1, 0, 2, 3)]), false);
    equal(isSound([write(1, 1, 0, 1), read(2, 1, 2, 3), plainRead(2, 0, 4, 5)]), false);
    equal(isSound([write(1, 1, 0, 1), plainRead(2, 1, 2, 3), plainRead(3, 0, 4, 5)]), true);
  });

  it('finds a plain read of what nobody had written yet', () => {
    equal(isSound([plainRead(2, 1, 0, 1), write(1, 1, 2, 3)]), false);
  });

  it('finds a lost update', () => {
    equal(isSound([cas(1, 0, 1, 0, 10), cas(2, 0, 2, 5, 15)]), false);
    equal(isSound([write(1, 1, 0, 1), write(2, 2, 2, 3), read(3, 1, 4, 5)]), false);
  });

  it('lets what is of unknown outcome have happened late, or never, but not twice, and not before it began', () => {
    equal(isSound([unsureWrite(1, 1, 0), read(2, 0, 1, 2), read(2, 1, 90, 91)]), true);
    equal(isSound([unsureWrite(1, 1, 0), read(2, 0, 90, 91)]), true);
    const seenTwice = [unsureWrite(1, 1, 0), read(2, 1, 1, 2), write(2, 2, 3, 4), read(2, 1, 5, 6)];
    equal(isSound([...seenTwice, write(2, 1, 7, 8)]), false);
    equal(isSound([read(2, 1, 0, 1), unsureWrite(1, 1, 2)]), false);
  });

  it('lets two reads of one moment disagree about two writes at once, but not about their order', () => {
    const writes = [write(1, 1, 0, 10), write(2, 2, 0, 10)];
    equal(isSound([...writes, read(3, 1, 1, 2), read(3, 2, 3, 4)]), true);
    equal(isSound([...writes, read(3, 1, 1, 2), read(3, 2, 3, 4), read(4, 1, 5, 6)]), false);
  });

  it('says which register is broken, after what, and what could not come next', () => {
    const other: Operation = { ...write(1, 7, 0, 1), key: 'other' };
    const verdict = checkHistory([other, write(1, 1, 2, 3), read(2, 0, 4, 5)], 0);
    deepEqual(verdict, { kind: 'broken', key, after: 0, holding: 0, stuck: [write(1, 1, 2, 3), read(2, 0, 4, 5)] });
    equal(formatVerdict(verdict).split('\n')[0], 'k: after 0 operations it holds 0, and none of these can come next:');
  });

  it('refuses a history whose process did two things at once', () => {
    throws(() => checkHistory([read(1, 0, 0, 5), read(1, 0, 4, 6)], 0), /process 1 did two things at once/);
  });

  it('finds every history of an atomic register sound', () => {
    assert(
      property(integer(), (seed) => {
        const chance = chanceFor(seed, 'register');
        const history = simulate(chance, { processes: 8, length: 40, unknown: chance() < 0.5 ? 0.1 : 0 });
        equal(verdictOf(history), 'sound');
      }),
      { numRuns: 200 },
    );
  });

  it('answers as trying all orders does, of sound histories and of spoilt ones', () => {
    let broken = 0;
    assert(
      property(integer(), (seed) => {
        const chance = chanceFor(seed, 'small');
        const values = chance() < 0.5 ? { values: 2 } : {};
        const history = spoilt(simulate(chance, { processes: 3, length: 2, unknown: 0.3, ...values }), chance);
        const expected = isSoundByTrying(history, 0);
        broken += Number(!expected);
        equal(isSound(history), expected, formatHistory(history));
      }),
      { numRuns: 3000 },
    );
    equal(broken > 300, true);
  });

  describe('of thousands of operations', () => {
    const history = simulate(chanceFor(1, 'large'), { processes: 20, length: 200, unknown: 0.01 });

    it('finds no fault where there is none', () => equal(verdictOf(history), 'sound'));

    it('finds one stale read planted among them', () => {
      const late = history.find(({ operation, start }) => operation === 'read' && start > 1000);
      const early = history.find(({ operation, end }) => operation === 'read' && end !== null && end < 500);
      equal(isSound(history.map((one) => (one === late && isRead(one) && early ? finding(one, early) : one))), false);
    });

    it('finds one lost update planted among them', () => {
      const won = history.find(({ operation, start }) => operation === 'cas' && start > 1000);
      deepEqual(won?.operation, 'cas');
      const lost = won?.operation === 'cas' ? [cas(99, won.value[0], -1, won.start, won.end ?? won.start)] : [];
      equal(isSound([...history, ...lost.map((one) => ({ ...one, key: 'register' }))]), false);
    });

    it('finds one plain read planted among them that goes back', () => {
      const plain = history.filter((one) => one.process === 7 && one.operation === 'plain-read');
      const at = plain.findIndex((one, n) => n > 20 && plain[n - 1]?.result !== plain[n - 2]?.result && isRead(one));
      const [seen, after] = [plain[at - 2], plain[at]];
      equal(isSound(history.map((one) => (one === after && isRead(one) && seen ? finding(one, seen) : one))), false);
    });
  });

  it('is kept as lines of JSON, and read again', () => {
    const history = [
      ...simulate(chanceFor(2, 'text'), { processes: 4, length: 10, unknown: 0.3 }),
      unsureWrite(9, 1, 2),
    ];
    deepEqual(parseHistory(formatHistory(history)), history);
    equal(
      formatHistory([read(1, 0, 2, 3.5)]),
      '{"process":1,"operation":"read","key":"k","value":null,"start":2,"end":3.5,"result":0}\n',
    );
    throws(() => parseHistory(`${formatHistory(history)}{"process":1}\n`), /line 42 is no operation/);
    throws(() => parseHistory('{'), /cut short/);
  });
});

/** A history with, mostly, one thing in it altered. */
function spoilt(history: readonly Operation[], chance: () => number): readonly Operation[] {
  const at = Math.floor(chance() * history.length);
  const other = history[Math.floor(chance() * history.length)];
  return history.map((operation, n): Operation => {
    if (n !== at || operation.end === null) return operation;
    const value = other !== undefined && isRead(other) ? other.result : Math.floor(chance() * 3);
    if (isRead(operation)) return { ...operation, result: value };
    if (operation.operation === 'cas') return { ...operation, value: [value, operation.value[1]] };
    return chance() < 0.5 ? { ...operation, value } : operation;
  });
}

function finding(operation: Read, { result }: Operation): Operation {
  return typeof result === 'number' ? { ...operation, result } : operation;
}

function isRead(operation: Operation): operation is Read {
  return operation.operation === 'read' || operation.operation === 'plain-read';
}
