import { deepEqual, equal, ok } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { assert, property } from 'fast-check';
import { formatFile } from '../../../topology/file/export/format-file.ts';
import { topologyOf, type Records } from '../../../topology/file/export/name-topology.ts';
import { writtenFile } from '../../../topology/file/export/written-file.ts';
import { formatProblem } from '../../../topology/file/file-problem.ts';
import { loadTopology } from '../../../topology/file/load-topology.ts';
import type { Topology } from '../../../topology/file/topology.ts';
import { arbitraryRecords } from './arbitrary-records.ts';
import { generateTopology } from './generate.ts';

const ROOT = new URL('../../../../', import.meta.url);
const FILES = ['examples/two-bridges.yaml', 'examples/two-hosts.yaml', 'examples/bro-org/topology.yaml'];
const ODD = readdirSync(new URL('test/topology/file/odd/', ROOT))
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => `test/topology/file/odd/${file}`);

describe('A topology file written from records', () => {
  for (const path of [...FILES, ...ODD]) {
    it(`has the very objects of the file that they were read from: ${path}`, () => {
      const before = load(readFileSync(new URL(path, ROOT), 'utf8'));
      const { text, notes } = write(before);
      deepEqual(notes, []);
      deepEqual(contentsOf(load(text)), contentsOf(before));
    });
  }

  it('has the very objects of a database, whatever it calls them and whoever made them', () => {
    assert(
      property(arbitraryRecords, (records) => {
        const { text, notes } = write(records);
        deepEqual(notes, []);
        deepEqual(contentsOf(load(text)), contentsOf(records), text);
      }),
      { numRuns: 500 },
    );
  });

  it('is the same text whatever the order of the records', () => {
    assert(
      property(arbitraryRecords, (records) => {
        const turned = {
          objects: records.objects.toReversed(),
          macEntries: records.macEntries.toReversed(),
          ipMacEntries: records.ipMacEntries.toReversed(),
        };
        equal(write(turned).text, write(records).text);
      }),
    );
  });

  it('says only what does not follow by itself', () => {
    const text = readFileSync(new URL('examples/two-bridges.yaml', ROOT), 'utf8');
    equal(
      write(load(text)).text,
      `# written

bridges:
  db:
    ports:
      db-1:
      db-2: { up: false }
  web:
    arp:
      10.0.1.20: 02:00:00:00:01:20
    macs:
      02:00:00:00:01:20: web-2
    ports:
      spare: { bind: none }
      web-1:
      web-2: { mtu: 1500 }
routers:
  edge:
    ports:
      to-db: { address: 10.0.2.1/24, link: db }
      to-web: { address: 10.0.1.1/24, link: web }
      uplink: { address: 203.0.113.2/24, mac: 02:00:00:00:00:fe, mtu: 1500 }
    routes:
      - { to: 0.0.0.0/0, via: 203.0.113.1 }
      - { to: 10.66.0.0/16, action: blackhole }
      - { to: 10.67.0.0/16, from: 10.0.2.0/24, action: reject }
`,
    );
  });

  it('of nothing is a file in which nothing is', () => {
    const { text } = write({ objects: [], macEntries: [], ipMacEntries: [] });
    deepEqual(load(text).objects, []);
  });

  it('may be large', () => {
    const before = load(generateTopology(2000));
    deepEqual(contentsOf(load(write(before).text)), contentsOf(before));
  });
});

function write(records: Records): { readonly text: string; readonly notes: readonly string[] } {
  const { file, notes } = writtenFile(topologyOf(records));
  return { text: formatFile(file, 'written'), notes };
}

function load(text: string): Topology {
  const result = loadTopology(text, { path: 'test.yaml' });
  ok(result.ok, result.ok ? '' : `${result.errors.map(formatProblem).join('\n')}\n${text}`);
  return result.topology;
}

/** All that records say, in an order of its own: members of zones have none that means anything. */
function contentsOf({ objects, macEntries, ipMacEntries }: Records): unknown {
  const all = objects.map(({ class: cls, object }) =>
    cls === 'TunnelZone'
      ? [cls, { ...object, hosts: byText(object.hosts), hostIds: object.hostIds.toSorted() }]
      : [cls, object],
  );
  return [byText(all), byText(macEntries), byText(ipMacEntries)];
}

function byText<T>(list: readonly T[]): readonly T[] {
  const text = (value: T) =>
    JSON.stringify(value, (_, part: unknown) =>
      typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    );
  return list.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
}
