/** Runs benchmarks: `npm run bench`, or `npm run -s bench -- NAME... --json` for some of them, one JSON object a line. */
import type { BenchResult } from './bench-result.ts';

/** Every benchmark by its name; loaded when it runs. */
const BENCHES: ReadonlyMap<string, () => Promise<BenchResult>> = new Map([
  ['flow-bytes', async () => (await import('./flow-bytes.bench.ts')).flowBytes()],
  ['flow-bytes-own-tags', async () => (await import('./flow-bytes.bench.ts')).flowBytesOwnTags()],
  ['flow-lookup-1m', async () => (await import('./flow-lookup-1m.bench.ts')).flowLookup1m()],
  ['flow-hit', async () => (await import('./flow-hit.bench.ts')).flowHit()],
  ['flow-hit-bytes', async () => (await import('./flow-hit.bench.ts')).flowHitBytes()],
  ['miss-7-hops', async () => (await import('./miss-7-hops.bench.ts')).miss7Hops()],
  ['trace-cold', async () => (await import('./trace.bench.ts')).traceCold()],
  ['trace-warm', async () => (await import('./trace.bench.ts')).traceWarm()],
  ['topology-10k', async () => (await import('./topology-10k.bench.ts')).topology10k()],
  ['replay-stream', async () => (await import('./replay-stream.bench.ts')).replayStream()],
  ['nsdb-load', async () => (await import('./nsdb-load.bench.ts')).nsdbLoad()],
  ['nsdb-change', async () => (await import('./nsdb-change.bench.ts')).nsdbChange()],
  ['nsdb-mac', async () => (await import('./nsdb-mac.bench.ts')).nsdbMac()],
  ['nsdb-idle', async () => (await import('./nsdb-idle.bench.ts')).nsdbIdle()],
  ['nsdb-rearm', async () => (await import('./nsdb-rearm.bench.ts')).nsdbRearm()],
  ['packet-extract', async () => (await import('./packet.bench.ts')).packetExtract()],
  ['packet-rewrite', async () => (await import('./packet.bench.ts')).packetRewrite()],
]);

const NAME_COLUMN = 44;
const VALUE_COLUMN = 14;

async function main(words: readonly string[]): Promise<void> {
  const asJson = words.includes('--json');
  const wanted = words.filter((word) => word !== '--json');
  const unknown = wanted.filter((name) => !BENCHES.has(name));
  if (unknown.length > 0) {
    console.error(`no benchmark ${unknown.join(', ')}: there are ${[...BENCHES.keys()].join(', ')}`);
    process.exitCode = 2;
    return;
  }
  for (const name of wanted.length === 0 ? BENCHES.keys() : wanted) {
    // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other, or they would disturb each other
    const result = await BENCHES.get(name)?.();
    if (result === undefined) continue;
    console.log(asJson ? JSON.stringify(result) : tableOf(result));
  }
}

function tableOf({ name, value, unit, against }: BenchResult): string {
  const rows = [row(name, value, unit), ...against.map((other) => row(`  ${other.name}`, other.value, ''))];
  return rows.join('\n');
}

function row(name: string, value: number, unit: string): string {
  const figure = value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2);
  return `${name.padEnd(NAME_COLUMN)}${figure.padStart(VALUE_COLUMN)} ${unit}`.trimEnd();
}

await main(process.argv.slice(2));
