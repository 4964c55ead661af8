import { deepEqual, ok } from 'node:assert/strict';
import * as fc from 'fast-check';
import type { PlayedNetwork } from '../../../actors/scenario/played-network.ts';
import type { Scenario } from '../../../actors/scenario/scenario.ts';
import type { Uuid } from '../../../topology/model/ids.ts';
import { Chance } from '../../datapath/capture/mutate.ts';
import { eventful } from '../eventful.ts';
import { mutateFrame, type WireFrame } from '../mutate-frame.ts';
import { remembersTheSame } from '../whole-memory.ts';
import { tellScenario, type Telling, type ToldRun } from './told.ts';

const RUNS = Number(process.env['WHAT_IF_RUNS'] ?? 4);
/** Packets after which questions are asked, and how many then. */
const EVERY = 8;
const QUESTIONS = 12;

type Question = WireFrame & { readonly at: Uuid };

/** A run, and what its network remembers at the end: but for deadlines, which tell when a device was brought up. */
async function toldWhole(
  scenario: Scenario,
  telling: Telling,
): Promise<{ readonly told: ToldRun; readonly memory: readonly string[] }> {
  let memory: readonly string[] = [];
  const after: Telling['after'] = (network) => {
    memory = [...network.dump()].filter((line) => !line.startsWith('deadline at '));
    return Promise.resolve();
  };
  return { told: await tellScenario(scenario, { ...telling, after }), memory };
}

/** Frames like those that were played in, some of them damaged, each at a port where one may enter. */
function questionsOf(frames: readonly Uint8Array[], ports: readonly Uuid[], chance: Chance): readonly Question[] {
  return Array.from({ length: QUESTIONS }, () => {
    const bytes = chance.oneOf(frames);
    const frame = chance.below(3) === 0 ? mutateFrame(bytes, chance) : { bytes, wireLength: bytes.length };
    return { ...frame, at: chance.oneOf(ports) };
  });
}

function ask({ agent }: PlayedNetwork, { at, bytes, wireLength }: Question): Promise<unknown> {
  return agent.whatIf(bytes, wireLength, agent.portOf(at), 'what if');
}

/** Asks one after the other, then all of it at once: nothing that is remembered differs, by one byte. */
async function askAll(network: PlayedNetwork, questions: readonly Question[]): Promise<void> {
  const before = [...network.dump()];
  // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other is the point
  for (const question of questions) await ask(network, question);
  await network.agent.settled();
  const once = [...network.dump()];
  remembersTheSame(once, before, true);
  await Promise.all(questions.map((question) => ask(network, question)));
  await network.agent.settled();
  remembersTheSame(network.dump(), once);
}

describe('What-ifs inside a run', () => {
  for (const hasFlows of [true, false]) {
    it(`leave no trace ${hasFlows ? 'with' : 'without'} the flow table: what is remembered and all that follows are the same, byte for byte`, async () => {
      const scenario = eventful();
      const ports = ['lan:in', 'lan:out', 'dmz:server', 'r:uplink'].flatMap(
        (name) => scenario.topology.names.ports.get(name) ?? [],
      );
      const plain = await toldWhole(scenario, { hasFlows });
      await fc.assert(
        fc.asyncProperty(fc.integer(), async (seed) => {
          const chance = new Chance(seed);
          let asked = 0;
          const during: Telling['during'] = async (network, packets) => {
            if (packets.length % EVERY !== 0) return;
            const frames = packets.map(({ bytes }) => bytes);
            await askAll(network, questionsOf(frames, ports, chance));
            asked += 2 * QUESTIONS;
          };
          const { told, memory } = await toldWhole(scenario, { hasFlows, during });
          deepEqual(told.story, plain.told.story);
          remembersTheSame(memory, plain.memory, true);
          ok(asked > 300);
        }),
        { numRuns: RUNS },
      );
    }).timeout(120_000);
  }
});
