import type { Uuid } from '../../../topology/model/ids.ts';
import { compareInstants } from '../../../topology/model/time.ts';
import type { FilePath, Happening, ScenarioEvent, Station } from '../scenario.ts';
import { durationOf } from '../duration.ts';
import { HostEvents } from './host-events.ts';
import { RouteEvents } from './route-events.ts';
import type { ScenarioDraft } from './scenario-draft.ts';
import type { EventSpec, ScenarioFile } from './scenario-schema.ts';

type Key = Exclude<keyof EventSpec, 'at'>;

/** What an event is about, and the keys that say what happens to it: one of those in a form. */
const FORMS: readonly (readonly [subject: Key, action: Key | undefined])[] = [
  ['port', 'up'],
  ['port', 'link'],
  ['bridge', 'up'],
  ['router', 'up'],
  ['route', 'do'],
  ['station', 'to'],
  ['kill', undefined],
  ['partition', undefined],
  ['heal', undefined],
];
const SUBJECTS: readonly Key[] = ['port', 'bridge', 'router', 'route', 'station', 'kill', 'partition', 'heal'];

const LINK_OF = 'no interface is behind it whose link could go down or up; "up: false" takes such a port down';

/** The events of a scenario, in the order of the file. */
export function makeEvents(
  draft: ScenarioDraft,
  file: ScenarioFile,
  stations: readonly Station[],
): readonly ScenarioEvent[] {
  const [routes, hosts] = [new RouteEvents(draft), new HostEvents(draft)];
  const names = new Map(Object.keys(file.stations ?? {}).map((name) => [name, name]));
  const until = file.until === undefined ? undefined : durationOf(file.until);
  const events: ScenarioEvent[] = [];
  const placed = (file.events ?? []).map((spec, index) => ({ spec, path: ['events', index], at: durationOf(spec.at) }));
  // Routes and hosts come and go in the order of time, whatever the order of the file.
  for (const { spec, path, at } of placed.toSorted((a, b) => compareInstants(a.at, b.at))) {
    const what = hasOneForm(draft, spec, path)
      ? happeningOf(draft, routes, hosts, names, stations, spec, path)
      : undefined;
    if (what !== undefined) events.push({ at, what });
    if (until === undefined || compareInstants(at, until) <= 0) continue;
    draft.warning(draft.at([...path, 'at']), {
      code: 'after-the-end',
      what: 'the event comes after "until": it will not happen',
    });
  }
  return events;
}

function hasOneForm(draft: ScenarioDraft, spec: EventSpec, path: FilePath): boolean {
  const keys = SUBJECTS.filter((key) => spec[key] !== undefined);
  const [subject, second] = keys;
  if (subject === undefined) {
    const expected = `one of ${SUBJECTS.join(', ')}`;
    draft.error(draft.at(path), { code: 'no-subject', what: 'the event says not what it is about', expected });
    return false;
  }
  if (second !== undefined) {
    const what = `the event is about "${subject}" and "${second}"`;
    draft.error(draft.keyAt([...path, second]), { code: 'two-subjects', what, expected: 'an event for each' });
    return false;
  }
  const actions = FORMS.flatMap(([each, action]) => (each === subject && action !== undefined ? [action] : []));
  const given = (['up', 'link', 'do', 'to'] as const).filter((key) => spec[key] !== undefined);
  const stray = given.find((key) => !actions.includes(key));
  if (stray !== undefined) {
    const what = `"${stray}" does not go with "${subject}"`;
    const expected = actions.length === 0 ? `"${subject}" alone` : words(actions);
    draft.error(draft.keyAt([...path, stray]), { code: 'wrong-action', what, expected });
    return false;
  }
  if (given.length === Math.min(1, actions.length)) return true;
  const what = given.length > 1 ? 'the event has "up" and "link"' : `the event says not what happens to "${subject}"`;
  draft.error(draft.at(path), { code: 'no-action', what, expected: words(actions) });
  return false;
}

function words(actions: readonly string[]): string {
  return actions.map((action) => `"${action}"`).join(' or ');
}

function happeningOf(
  draft: ScenarioDraft,
  routes: RouteEvents,
  hosts: HostEvents,
  names: ReadonlyMap<string, string>,
  stations: readonly Station[],
  spec: EventSpec,
  path: FilePath,
): Happening | undefined {
  const at = (key: Key) => draft.at([...path, key]);
  const { port, bridge, router, up = true, link, route, station, to, kill, partition, heal } = spec;
  if (port !== undefined && link !== undefined) {
    const id = draft.exteriorPort(port, at('port'), LINK_OF);
    return id && { kind: 'link', port: id, isUp: link === 'up' };
  }
  if (port !== undefined) return update('Port', draft.port(port, at('port')), up);
  if (bridge !== undefined) return update('Network', draft.device('bridge', bridge, at('bridge')), up);
  if (router !== undefined) return update('Router', draft.device('router', router, at('router')), up);
  if (route !== undefined) return spec.do === 'remove' ? routes.remove(route, path) : routes.add(route, path);
  if (station !== undefined && to !== undefined) {
    const name = draft.named('station', station, names, at('station'));
    const target = draft.exteriorPort(to, at('to'));
    if (name === undefined || target === undefined) return undefined;
    if (stations.length === 0) return undefined;
    return { kind: 'move', station: name, to: target };
  }
  if (kill !== undefined) return hosts.kill(kill, path);
  if (partition !== undefined) return hosts.partition(partition, path);
  return heal === undefined ? undefined : hosts.heal(heal, path);
}

function update(cls: 'Port' | 'Network' | 'Router', id: Uuid | undefined, up: boolean): Happening | undefined {
  return id && { kind: 'update', class: cls, id, fields: { adminStateUp: up } };
}
