import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommandLine } from '../../ops/command-line.ts';
import { call } from './call.ts';

/** Runs a command whose output cannot be written, and which does not expect that. */
const failing = async (environment: Readonly<Record<string, string>>): Promise<string> => {
  let err = '';
  const exitCode = await runCommandLine(['topology', 'schema'], {
    stdout: {
      write: () => {
        throw new TypeError('a promise was broken');
      },
    },
    stderr: { write: (text) => (err += text) },
    environment,
    signal: new AbortController().signal,
  });
  equal(exitCode, 70);
  return err;
};

/** What `troupe config` tells programs. */
const configOf = async (words: readonly string[], environment: Readonly<Record<string, string>>): Promise<unknown> => {
  const { exitCode, out, err } = await call(['config', '-o', 'json', ...words], environment);
  deepEqual([exitCode, err], [0, '']);
  return JSON.parse(out);
};

describe('the command line', () => {
  for (const words of [['--help'], ['help', 'topology'], ['topology', 'show', '-h']]) {
    it(`explains itself when asked by "${words.join(' ')}", and exits well`, async () => {
      const { exitCode, out, err } = await call(words);
      deepEqual([exitCode, err], [0, '']);
      match(out, /^Usage: troupe /);
    });
  }

  for (const words of [[], ['topology', 'validate'], ['topology', 'show'], ['topology', 'graph'], ['config']]) {
    it(`gives examples in the help of "troupe ${words.join(' ')}"`, async () => {
      match((await call([...words, '--help'])).out, /\nExamples:\n {2}\S/);
    });
  }

  for (const words of [[], ['nsdb'], ['topology', 'validate'], ['nsdb', 'status'], ['dev', 'zookeeper']]) {
    it(`prints by "troupe ${['help', ...words].join(' ')}" what --help prints there`, async () => {
      const { exitCode, out, err } = await call(['help', ...words]);
      deepEqual([exitCode, err], [0, '']);
      ok(out.startsWith(`Usage: ${['troupe', ...words].join(' ')} `), out);
      equal(out, (await call([...words, '--help'])).out);
    });
  }

  it('prints the version of the package', async () => {
    const found: unknown = JSON.parse(readFileSync('package.json', 'utf8'));
    ok(typeof found === 'object' && found !== null && 'version' in found);
    deepEqual(await call(['--version']), { exitCode: 0, out: `${String(found.version)}\n`, err: '' });
  });

  const mistakes: readonly (readonly [words: readonly string[], message: string])[] = [
    [['topolgy'], 'unknown command "topolgy"; did you mean topology? (troupe --help tells more)'],
    [
      ['topology', 'validate', '--strcit', 'x'],
      'unknown option "--strcit"; did you mean --strict? (troupe topology validate --help tells more)',
    ],
    [['help', 'topolgy'], 'unknown command "topolgy"; did you mean topology? (troupe --help tells more)'],
    [['help', 'nsdb', 'statsu'], 'unknown command "statsu"; did you mean status? (troupe nsdb --help tells more)'],
    [['help', 'replay', 'x'], 'unknown command "x" (troupe replay --help tells more)'],
    [['topology', 'apply'], 'missing required argument "file" (troupe topology apply --help tells more)'],
    [['topology', 'show'], 'a topology file is missing, or --nsdb, which names a database'],
    [
      ['topology', 'show', 'x', '-o', 'xml'],
      'option "-o, --output <form>" argument "xml" is invalid. Allowed choices are text, json. (troupe topology show --help tells more)',
    ],
    [['config', '--seed', '-1'], '--seed: "-1" is wrong, expected a whole number from 0 to 4294967295'],
  ];
  for (const [words, message] of mistakes) {
    it(`answers "troupe ${words.join(' ')}" in one line, and exits as for bad input`, async () => {
      deepEqual(await call(words), { exitCode: 2, out: '', err: `troupe: ${message}\n` });
    });
  }

  for (const words of [[], ['topology']]) {
    it(`shows help and exits as for bad input when "troupe ${words.join(' ')}" is all that is said`, async () => {
      const { exitCode, out, err } = await call(words);
      deepEqual([exitCode, out], [2, '']);
      match(err, /^Usage: troupe /);
    });
  }

  it('admits a fault of its own, asks for a report, and shows the stack with TROUPE_DEBUG=1 only', async () => {
    const brief = await failing({});
    match(
      brief,
      /^troupe: this is a fault of Troupe itself: a promise was broken\ntroupe: please report it, with .*\n$/,
    );
    match(await failing({ TROUPE_DEBUG: '1' }), /TypeError: a promise was broken\n +at /);
  });

  const network = 'examples/two-bridges.yaml';
  const trace = ['trace', network, '--in', 'web-1'];
  const troubles: readonly (readonly [words: readonly string[], message: string])[] = [
    [[...trace, 'nosuch.pcap#1'], 'nosuch.pcap: there is no such file'],
    [[...trace, 'examples#1'], 'examples: this is a directory'],
    [[...trace, `${network}#1`], `${network}: this is neither pcap nor pcapng, at byte 0`],
    [[...trace, 'x.pcap#0'], 'x.pcap#0: the first frame is 1'],
    [
      [...trace, 'udp 10.0.1.10:9 > 10.0.2.20:53', '--state', 'after-frame:1'],
      '--state after-frame:1: the scenario has no input: there are no frames',
    ],
    ...['-1', 'x', '1.5', ''].map((frame): readonly [readonly string[], string] => [
      [...trace, 'udp 10.0.1.10:9 > 10.0.2.20:53', '--state', `after-frame:${frame}`],
      `--state after-frame:${frame}: "${frame}" is wrong, expected a whole number: of a frame, or 0 for before the first`,
    ]),
    [
      ['topology', 'graph', network, '--out', 'n.png'],
      '--out n.png: expected a name that ends in .dot, .gv, .mmd or .svg, or a form with -o',
    ],
    [
      ['replay', network, '--report', 'x.html'],
      '--report x.html: expected a form (text, json, junit, github), FORM=FILE, or a name that ends in .xml, .json or .txt',
    ],
    [['replay', network], 'nothing is played: expected a scenario with inputs, or --topology FILE and port=capture'],
  ];
  for (const [words, message] of troubles) {
    it(`tells a user's error in one line: ${message}`, async () => {
      deepEqual(await call(['-q', ...words]), { exitCode: 2, out: '', err: `troupe: ${message}\n` });
    });
  }

  it('ends a run that is interrupted, and says so', async () => {
    const interruption = new AbortController();
    interruption.abort();
    const words = ['replay', 'examples/bro-org/scenario.yaml', '--no-out'];
    const { exitCode, out, err } = await call(words, {}, interruption.signal);
    deepEqual([exitCode, err], [130, 'interrupted\n']);
    ok(!out.includes('passes'));
  });

  it('exits as if nobody had interrupted it where its work was done all the same', async () => {
    const interruption = new AbortController();
    interruption.abort();
    equal((await call(['topology', 'schema'], {}, interruption.signal)).exitCode, 0);
  });

  it('colours when told to: --color, else NO_COLOR, else CLICOLOR_FORCE', async () => {
    const show = ['topology', 'show', 'examples/two-bridges.yaml'];
    const isColoured = async (words: readonly string[], environment?: Readonly<Record<string, string>>) =>
      (await call([...words, ...show], environment)).out.includes('\u001b[');
    equal(await isColoured([]), false);
    equal(await isColoured(['--color', 'always'], { NO_COLOR: '1' }), true);
    equal(await isColoured([], { CLICOLOR_FORCE: '1' }), true);
    equal(await isColoured([], { CLICOLOR_FORCE: '1', NO_COLOR: '1' }), false);
    equal(await isColoured(['--color', 'never'], { CLICOLOR_FORCE: '1' }), false);
    equal(await isColoured([], { TROUPE_COLOR: 'always' }), true);
  });
});

describe('settings', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'troupe-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it('come from a flag before the environment, from that before the file, from that before the default', async () => {
    const path = join(folder, 'settings.yaml');
    writeFileSync(path, 'out: from-file\nseed: 1\ncolor: never\n');
    deepEqual(await configOf(['--config', path, '--seed', '3'], { TROUPE_SEED: '2', TROUPE_COLOR: 'always' }), {
      version: 1,
      file: path,
      settings: [
        { name: 'color', value: 'always', origin: { kind: 'environment', variable: 'TROUPE_COLOR' } },
        { name: 'seed', value: 3, origin: { kind: 'flag', flag: '--seed' } },
        { name: 'out', value: 'from-file', origin: { kind: 'file', path, line: 1 } },
        { name: 'nsdb', value: 'embedded', origin: { kind: 'default' } },
      ],
    });
  });

  it('have defaults, and an empty variable is none', async () => {
    const { out } = await call(['config'], { TROUPE_SEED: '' });
    match(out, /^color +auto +default +--color +TROUPE_COLOR /m);
    match(out, /^seed +0 +default /m);
    match(out, /^out +out +default /m);
  });

  it('never show the password of a database', async () => {
    const { out } = await call(['config'], { TROUPE_NSDB: 'zookeeper://ann:s3cr%40t@zk-1,zk-2:2182/net' });
    match(out, /^nsdb +zookeeper:\/\/ann:\*\*\*@zk-1:2181,zk-2:2182\/net +TROUPE_NSDB +--nsdb /m);
    const { exitCode, err } = await call(['config'], { TROUPE_NSDB: 'zookeeper://ann:s3cr@t@zk-1/net' });
    equal(exitCode, 2);
    match(
      err,
      /^troupe: TROUPE_NSDB: "zookeeper:\/\/ann:\*\*\*@zk-1\/net" is wrong, expected "embedded" or zookeeper:/,
    );
    ok(!out.includes('s3cr') && !err.includes('s3cr'));
  });

  it('say which addresses a database may have, where it has another', async () => {
    const { exitCode, err } = await call(['config'], { TROUPE_NSDB: 'zookeeper://ann:s3cr@[::1]:2181/net' });
    equal(exitCode, 2);
    match(err, /HOST a name or an IPv4 address\n$/);
  });

  it('are refused where they stand: in a variable', async () => {
    const { exitCode, err } = await call(['config'], { TROUPE_COLOR: 'pink' });
    equal(exitCode, 2);
    equal(err, 'troupe: TROUPE_COLOR: "pink" is wrong, expected auto, always or never\n');
  });

  it('are refused where they stand: in a line of a file', async () => {
    const path = join(folder, 'settings.yaml');
    writeFileSync(path, 'seeed: 1\nout: ""\n');
    const { exitCode, err } = await call(['config'], { TROUPE_CONFIG: path });
    equal(exitCode, 2);
    match(err, /^troupe: .*settings\.yaml:1:1: settings has no "seeed".*did you mean "seed"\?\n/);
    match(err, /settings\.yaml:2:6: /);
  });
});
