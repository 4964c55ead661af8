import { Document, type Node, Scalar } from 'yaml';
import type { WrittenFile } from './written-file.ts';

/** A value on its way into a document; what is undefined or empty is left out. */
type Entry = readonly [key: string, value: unknown];

/**
 * A topology file's text: a line for each port, and for each route.
 *
 * @param comment what its first lines say
 */
export function formatFile(file: WrittenFile, comment: string): string {
  const document = new Document();
  document.commentBefore = comment.replaceAll(/^/gm, ' ');
  const line = (spec: object): Node | null =>
    Object.keys(spec).length === 0 ? null : document.createNode(withNothings(spec), { flow: true });
  const { hosts, tunnelZones, portGroups, bridges, routers } = file;
  const sections = block([
    ['hosts', section(hosts, ({ tunnel, rest }) => line({ ...(tunnel.size > 0 && { tunnel }), ...rest }))],
    ['tunnelZones', section(tunnelZones, line)],
    ['portGroups', section(portGroups, line)],
    [
      'bridges',
      section(bridges, ({ ports, arp, macs, rest }) =>
        block([...Object.entries(withNothings(rest)), ['arp', arp], ['macs', macs], ['ports', section(ports, line)]]),
      ),
    ],
    [
      'routers',
      section(routers, ({ ports, routes, rest }) =>
        block([...Object.entries(withNothings(rest)), ['ports', section(ports, line)], ['routes', routes.map(line)]]),
      ),
    ],
  ]);
  document.contents = document.createNode(sections ?? {});
  return document.toString({ lineWidth: 0, nullStr: '' });
}

/** Writes `null` out where a spec says it, as of a label; what has nothing to say is followed by nothing. */
function withNothings(spec: object): object {
  const nothing = new Scalar(null);
  nothing.source = 'null';
  return Object.fromEntries(
    Object.entries(spec).map(([key, value]) => [key, value === null ? nothing : (value as unknown)]),
  );
}

function section<Spec>(specs: ReadonlyMap<string, Spec>, write: (spec: Spec) => unknown): ReadonlyMap<string, unknown> {
  return new Map([...specs].map(([name, spec]) => [name, write(spec)]));
}

function block(entries: readonly Entry[]): ReadonlyMap<string, unknown> | null {
  const kept = entries.filter(([, value]) => !isEmpty(value));
  return kept.length === 0 ? null : new Map(kept);
}

function isEmpty(value: unknown): boolean {
  return (value instanceof Map && value.size === 0) || (Array.isArray(value) && value.length === 0);
}
