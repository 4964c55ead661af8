import { deepEqual, equal, match } from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { call } from '../call.ts';

const MAIN = resolve('dist/ops/main.js');
const TOPOLOGY = resolve('examples/two-bridges.yaml');
const CAPTURE = resolve('examples/bro-org/bro.org.pcap');

describe('input through a pipe', () => {
  let folder: string;
  let fifo: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'troupe-piped-'));
    fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    mkdirSync(join(folder, 'tmp'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs a line of the shell in which `troupe` is the program. */
  const shell = (line: string): { readonly status: number | null; readonly out: string; readonly err: string } => {
    const env = { ...process.env, TMPDIR: join(folder, 'tmp'), NODE_DISABLE_COMPILE_CACHE: '1' };
    const script = `troupe() { "${process.execPath}" "${MAIN}" "$@"; }\n${line}`;
    const { status, stdout, stderr } = spawnSync('sh', ['-c', script], {
      cwd: folder,
      env,
      encoding: 'utf8',
      timeout: 30_000,
    });
    return { status, out: stdout, err: stderr };
  };

  /** Writes a scenario whose expectations a run of the capture does not meet. */
  const scenarioOf = (capture: string, more = ''): string => {
    const path = join(folder, 'scenario.yaml');
    const input = `{ name: client, capture: ${JSON.stringify(capture)}, into: web-1 }`;
    writeFileSync(
      path,
      `topology: ${TOPOLOGY}\ninputs: [${input}]\n${more}expect: { frames: { web-2: [{ ip.src: 10.0.2.15, tcp.dstport: 80, ip.ttl: 3 }] } }\n`,
    );
    return 'scenario.yaml';
  };

  it('tells of failed expectations what it tells of the file, and leaves no copy', () => {
    const file = shell(`troupe replay ${scenarioOf(CAPTURE)} --no-out`);
    equal(file.status, 1);
    match(file.out, /where packet \d+ went:/);
    deepEqual(shell(`cat "${CAPTURE}" > fifo & troupe replay ${scenarioOf(fifo)} --no-out`), file);
    deepEqual(shell(`cat "${CAPTURE}" | troupe replay ${scenarioOf('/dev/stdin')} --no-out`), file);
    deepEqual(readdirSync(join(folder, 'tmp')), []);
  });

  it('is heard before the run, where stations may be played as recorded, and played all the same', () => {
    const stations = 'stations: { web: { port: web-2, address: 10.0.1.11 } }\n';
    const file = shell(`troupe replay ${scenarioOf(CAPTURE, stations)} --no-out`);
    match(file.out, /^client +[1-9]/m);
    deepEqual(shell(`cat "${CAPTURE}" | troupe replay ${scenarioOf('/dev/stdin', stations)} --no-out`), file);
  });

  it('renews expectations as the file does', () => {
    shell(`troupe replay ${scenarioOf(CAPTURE)} --no-out --update`);
    const renewed = readFileSync(join(folder, 'scenario.yaml'), 'utf8');
    shell(`cat "${CAPTURE}" | troupe replay ${scenarioOf('/dev/stdin')} --no-out --update`);
    equal(readFileSync(join(folder, 'scenario.yaml'), 'utf8').replace('/dev/stdin', CAPTURE), renewed);
  });

  it('can be the scenario, which cannot be renewed then, or the topology', () => {
    const scenario = scenarioOf(CAPTURE);
    const file = shell(`troupe replay ${scenario} --no-out`).out.replaceAll('scenario.yaml', '/dev/stdin');
    equal(shell(`cat ${scenario} | troupe replay /dev/stdin --no-out`).out, file);
    const refused = { status: 2, out: '', err: 'troupe: --update needs a scenario file\n' };
    deepEqual(shell(`cat ${scenario} | troupe replay /dev/stdin --no-out --update`), refused);
    equal(shell(`cat "${TOPOLOGY}" > fifo & troupe topology validate fifo`).status, 0);
  });

  it('is there for every packet of a trace', () => {
    const words = `troupe trace "${TOPOLOGY}" --in web-1 -d minimal`;
    const file = shell(`${words} "${CAPTURE}#1" "${CAPTURE}#2"`);
    equal(file.status, 0);
    const piped = shell(`cat "${CAPTURE}" | ${words} '/dev/stdin#1' '/dev/stdin#2'`);
    equal(piped.out.replaceAll('/dev/stdin', CAPTURE), file.out);
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`that never comes is waited for until ${signal}, and the outputs are marked`, async () => {
      const out = join(folder, 'out');
      const words = ['replay', scenarioOf(fifo), '--out', out];
      const child = spawn(process.execPath, [MAIN, ...words], { cwd: folder, stdio: 'ignore' });
      const code = new Promise((ended) => child.on('close', ended));
      try {
        // oxlint-disable-next-line eslint/no-await-in-loop -- until it has begun
        while (!existsSync(join(out, 'frames.pcapng'))) await delay(20);
        await delay(200);
        child.kill(signal);
        equal(await code, 130);
      } finally {
        child.kill('SIGKILL');
      }
      match(readFileSync(join(out, 'run.json'), 'utf8'), /"complete": false,\s+"problems": \[\s+"interrupted"/);
    });
  }

  it('that never comes ends with the signal, whatever it is for', async () => {
    const scenario = join(folder, scenarioOf(CAPTURE));
    const commands = [
      ['trace', TOPOLOGY, '--in', 'web-1', `${fifo}#1`],
      ['trace', scenario, '--in', 'web-1', `${CAPTURE}#1`, '--state', fifo],
      ['replay', fifo, '--no-out'],
      ['replay', '-t', fifo, `web-1=${CAPTURE}`, '--no-out'],
      ['topology', 'show', fifo],
      ['topology', 'validate', fifo],
      ['--config', fifo, 'config'],
    ];
    for (const words of commands) {
      const interruption = new AbortController();
      const called = call(words, {}, interruption.signal);
      // oxlint-disable eslint/no-await-in-loop -- one command after the other
      await delay(50);
      interruption.abort();
      deepEqual(await called, { exitCode: 130, out: '', err: '' }, words.join(' '));
      // oxlint-enable eslint/no-await-in-loop
    }
  });

  it('that falls silent is waited for until the signal', async () => {
    const written = join(folder, 'written');
    const line = `exec > "${fifo}"; cat "${CAPTURE}"; : > "${written}"; exec sleep 60`;
    const writer = spawn('sh', ['-c', line], { stdio: 'ignore' });
    const interruption = new AbortController();
    try {
      const called = call(['replay', join(folder, scenarioOf(fifo)), '--no-out'], {}, interruption.signal);
      // oxlint-disable-next-line eslint/no-await-in-loop -- until the most of it is played: a pipe holds little
      while (!existsSync(written)) await delay(20);
      await delay(200);
      interruption.abort();
      const { exitCode, out } = await called;
      equal(exitCode, 130);
      match(out, /^client +[1-9]/m);
    } finally {
      writer.kill();
    }
  });
});
