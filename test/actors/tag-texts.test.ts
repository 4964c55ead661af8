import { deepEqual, ok } from 'node:assert/strict';
import { Directory } from '../../actors/directory.ts';
import { readScenario } from '../../actors/scenario/file/load-scenario.ts';
import { TagTexts } from '../../actors/tag-texts.ts';
import { MemoryRunOutput, NoOutput, type FlowRecord, type RunOutput } from '../../datapath/trace/run-output.ts';
import { play, type Played } from '../../ops/run/play.ts';
import { TagList, type Tag } from '../../simulation/tag.ts';
import { parseUuid, type Uuid } from '../../topology/model/ids.ts';
import { ipv4Of } from '../../topology/model/ipv4.ts';

const SCENARIO = 'examples/bro-org/scenario.yaml';

async function played(output: RunOutput, wantsStory = false): Promise<Played> {
  const loaded = await readScenario(SCENARIO);
  ok(loaded.ok);
  return play(loaded.scenario, output, { wantsStory: () => wantsStory });
}

function matchOf({ match }: Pick<FlowRecord, 'match'>): string {
  return JSON.stringify(match);
}

describe('the facts that the flows of a run rest on', () => {
  it('are told in words, those that the stories of their packets tell, told or not', async () => {
    const [told, untold] = [new MemoryRunOutput(), new MemoryRunOutput()];
    await played(told, true);
    await played(untold);
    const stories = new Map(
      told.traces.flatMap(({ flow }) => (flow?.state === 'installed' ? [[matchOf(flow), flow]] : [])),
    );
    ok(told.flows.length > 0);
    for (const flow of told.flows) {
      const facts = stories.get(matchOf(flow))?.tags;
      deepEqual(flow.tags, [...new Set(facts)].toSorted());
    }
    deepEqual(untold.flows, told.flows);
  });

  it('are not noted when nobody wants the flows', async () => {
    const { flowRecords } = await played(new NoOutput());
    ok(flowRecords.length > 0);
    for (const { tags } of flowRecords) deepEqual(tags, []);
  });
});

describe('the words of tags', () => {
  const directory = new Directory();
  const id = parseUuid('00000000-0000-4000-8000-000000000001') as Uuid;
  const edge = directory.deviceOf(id);

  function factsAbout(n: number): TagList {
    const facts = new TagList([]);
    facts.destIp(edge, ipv4Of(n));
    return facts;
  }

  it('are kept as long as a flow carries them, and make room then', () => {
    const carried = new Set<Tag>();
    const texts = new TagTexts(directory, (tag) => carried.has(tag));
    const lists = Array.from({ length: 10_000 }, (_, n) => factsAbout(n));
    const [first, second] = lists.slice(0, 2).map(({ tags }) => tags);
    for (const tag of first ?? []) carried.add(tag);
    for (const list of lists) texts.keep(list);
    deepEqual(
      texts.of(first ?? []).map((text) => text.split(',')[1]),
      [' 0.0.0.0)'],
    );
    deepEqual(texts.of(second ?? []), []);
  });

  it('are in the order of the alphabet, and follow when something gets another name', () => {
    const texts = new TagTexts(directory, () => true);
    const facts = new TagList([]);
    facts.noRoute(edge);
    facts.device(edge);
    texts.keep(facts);
    const before = texts.of(facts.tags);
    directory.call(id, 'gate');
    deepEqual(
      before.map((text) => text.slice(0, 7)),
      ['Device(', 'NoRoute'],
    );
    deepEqual(texts.of(facts.tags), ['Device(gate)', 'NoRoute(gate)']);
  });
});
