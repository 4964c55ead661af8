import { deepEqual, equal, match, notDeepEqual, ok } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { chanceFor } from '../../../actors/chance.ts';
import { eventful } from '../../actors/eventful.ts';
import { outputsOf } from './outputs-of.ts';

const CHILD = fileURLToPath(new URL('outputs.child.js', import.meta.url));

describe('Every output of a run with changes in the middle', () => {
  let outputs: readonly string[];
  before(async () => {
    outputs = await outputsOf(eventful());
  });

  it('is written: captures of all ports and of each, stories, flows, an account', () => {
    const names = outputs.map((line) => line.split(' ')[0]);
    for (const name of ['0/flows.json', '0/frames.pcapng', '0/run.json', '0/traces.ndjson', '1/run.json'])
      ok(names.includes(name), name);
    ok(names.filter((name) => name?.startsWith('1/ports/')).length >= 2);
    for (const line of outputs) match(line, / [0-9a-f]{64}$/);
    equal(new Set(outputs.map((line) => line.split(' ')[1])).size, outputs.length);
  });

  it('has the same bytes in another run', async () => deepEqual(await outputsOf(eventful()), outputs));

  for (const chunkBytes of [1, 7, 1500, 1 << 20]) {
    it(`has the same bytes when its capture is read ${chunkBytes} octets at a time, at an uneven pace`, async () => {
      const chance = chanceFor(chunkBytes, 'pace');
      const afterPacket = (): Promise<void> | undefined =>
        chance() < 0.1 ? new Promise((resolve) => setTimeout(resolve, chance() * 3)) : undefined;
      deepEqual(await outputsOf(eventful(), { chunkBytes, afterPacket }), outputs);
    });
  }

  for (const TZ of ['Pacific/Auckland', 'America/New_York']) {
    it(`has the same bytes in the time zone ${TZ}`, () => {
      const printed = execFileSync(process.execPath, [CHILD], { encoding: 'utf8', env: { ...process.env, TZ } });
      deepEqual(printed.trimEnd().split('\n'), outputs);
    });
  }

  it('has other bytes when less happens, and when chance has another seed', async () => {
    notDeepEqual(await outputsOf({ ...eventful(), events: eventful().events.slice(1) }), outputs);
    notDeepEqual(await outputsOf({ ...eventful(), seed: 2 }), outputs);
  });
}).timeout(60_000);
