import { deepEqual, equal, match, ok } from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileSink } from '../../../datapath/capture/capture-sink.ts';
import { PcapngWriter } from '../../../datapath/capture/pcapng-writer.ts';
import { call, type Called } from '../call.ts';
import { equalsGolden } from '../../golden.ts';

const EXAMPLE = 'examples/bro-org';
const GOLDEN = 'test/ops/commands/golden';

describe('troupe replay', () => {
  let folder: string;
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'troupe-replay-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('plays the example: conversations cross two bridges and a router, and every sum adds up', async () => {
    const { exitCode, out } = await call(['replay', `${EXAMPLE}/scenario.yaml`, '--paths', '--no-out']);
    equal(exitCode, 0);
    equalsGolden(out, `${GOLDEN}/replay-bro-org.txt`);
  });

  it('leaves the same bytes in two runs, with flows and stories', async () => {
    const words = ['replay', `${EXAMPLE}/scenario.yaml`, '--traces', '--hops', '--out'];
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    equal((await call([...words, first])).exitCode, 0);
    equal((await call([...words, second])).exitCode, 0);
    const files = readdirSync(first).toSorted();
    deepEqual(files, ['flows.json', 'frames.pcapng', 'run.json', 'traces.ndjson']);
    for (const file of files) {
      ok(readFileSync(join(first, file)).equals(readFileSync(join(second, file))), `${file} differs`);
    }
  });

  it('lets the same bytes out when every packet is simulated', async () => {
    const words = ['replay', `${EXAMPLE}/scenario.yaml`, '--frames', 'pcap', '--out'];
    const [flows, none] = [join(folder, 'flows'), join(folder, 'none')];
    await call([...words, flows]);
    await call([...words, none, '--no-flows']);
    const ports = readdirSync(join(flows, 'ports')).toSorted();
    ok(ports.length >= 2);
    for (const port of ports) {
      ok(readFileSync(join(flows, 'ports', port)).equals(readFileSync(join(none, 'ports', port))), `${port} differs`);
    }
  });

  it('tells how a change of the network went, in words and in a file', async () => {
    for (const file of ['topology.yaml', 'bro.org.pcap']) copyFileSync(`${EXAMPLE}/${file}`, join(folder, file));
    const scenario = readFileSync(`${EXAMPLE}/scenario.yaml`, 'utf8').replace(/expect:[^]*/, '');
    const path = join(folder, 'scenario.yaml');
    writeFileSync(path, `${scenario}\nevents: [{ at: 1, port: wan:uplink, up: false }]\n`);
    const out = join(folder, 'out');
    const told = await call(['replay', path, '--changes', '--out', out]);
    match(
      told.out,
      /^change 1 at 1\.000000000: wan is made anew\n  because of Port wan:uplink, written by agent\n  \d+ flows? rested on /,
    );
    const lines = readFileSync(join(out, 'changes.ndjson'), 'utf8').trimEnd().split('\n');
    equal(lines.length, (told.out.match(/^change \d/gm) ?? []).length);
    match(lines[0] ?? '', /^\{"version":1,"change":1,"device":"wan","effect":"reconfigured",/);
    match(told.out, /changes\.ndjson/);
    const timed = await call(['replay', path, '--changes', '--timings', '--no-out']);
    match(
      timed.out,
      /\n  (written, heard \+\d+\.\d ms|heard), device read \+\d+\.\d ms, actors told \+\d+\.\d ms, flows removed \+\d+\.\d ms\n/,
    );
    const misused = await call(['replay', path, '--timings', '--no-out']);
    deepEqual([misused.exitCode, misused.err], [2, 'troupe: --timings is for --changes\n']);
  });

  it('names the interfaces of a capture that are not Ethernet, and counts their frames', async () => {
    const path = join(folder, 'mixed.pcapng');
    const writer = new PcapngWriter(await FileSink.open(path));
    const [wired, cooked] = [writer.addInterface({ name: 'eth-a' }), writer.addInterface({ name: 'any-b' })];
    const frame = { bytes: Buffer.alloc(60, 2), wireLength: 60, seconds: 1, nanos: 0 };
    for (const at of [wired, cooked, cooked]) writer.add(at, frame, { comments: [] });
    await writer.finish({ complete: true });
    const bytes = readFileSync(path);
    const second = bytes.indexOf('any-b') - 20; // its block: type, length, link type, reserved, snap length, option
    equal(bytes.readUInt32LE(second), 1, 'an interface description block');
    bytes.writeUInt16LE(113, second + 8);
    writeFileSync(path, bytes);
    const { exitCode, err, out } = await call([
      'replay',
      '-t',
      'examples/two-bridges.yaml',
      `web-1=${path}`,
      '--no-out',
    ]);
    equal(exitCode, 0);
    equal(err, `${path}: interface any-b: link type 113 (LINUX_SLL) is not Ethernet; its frames were not played: 2\n`);
    match(out, /2 +unreadable +link-type/);
  });

  it('says what was expected and what came, field by field, and where the nearest went instead', async () => {
    for (const file of ['topology.yaml', 'bro.org.pcap']) copyFileSync(`${EXAMPLE}/${file}`, join(folder, file));
    const scenario = readFileSync(`${EXAMPLE}/scenario.yaml`, 'utf8').replace('ip.ttl: 63', 'ip.ttl: 62');
    writeFileSync(join(folder, 'scenario.yaml'), scenario);
    const { exitCode, out } = await call(['replay', join(folder, 'scenario.yaml'), '--no-out']);
    equal(exitCode, 1);
    match(out, /expected +13 frames/);
    match(out, /received +0/);
    match(out, /ip\.ttl +62 +63/);
    match(out, /where packet \d+ went/);
  });

  it('writes what it saw into the scenario, which then holds; once more changes nothing', async () => {
    for (const file of ['topology.yaml', 'bro.org.pcap']) copyFileSync(`${EXAMPLE}/${file}`, join(folder, file));
    const path = join(folder, 'scenario.yaml');
    writeFileSync(path, readFileSync(`${EXAMPLE}/scenario.yaml`, 'utf8').replace(/expect:[^]*/, ''));
    equal((await call(['replay', path, '--no-out', '--update'])).exitCode, 0);
    const updated = readFileSync(path, 'utf8');
    match(updated, /tcp\.dstport: 80, count: \d+/);
    match(updated, /# what the laptop sent/);
    equal((await call(['replay', path, '--no-out'])).exitCode, 0);
    equal((await call(['replay', path, '--no-out', '--update'])).exitCode, 0);
    equal(readFileSync(path, 'utf8'), updated);
  });

  it('renews what the scenario expects, and keeps what a person wrote', async () => {
    for (const file of ['topology.yaml', 'bro.org.pcap']) copyFileSync(`${EXAMPLE}/${file}`, join(folder, file));
    const path = join(folder, 'scenario.yaml');
    const scenario = readFileSync(`${EXAMPLE}/scenario.yaml`, 'utf8');
    const paths = '  paths:\n    - { match: { tcp.dstport: 80 }, path: [laptop, ..., uplink] } # out into the world\n';
    writeFileSync(path, scenario.replace('ip.ttl: 63, count: 13', 'ip.ttl: 62, count: 7') + paths);
    const { exitCode, err } = await call(['replay', path, '--no-out', '--update']);
    deepEqual([exitCode, err], [0, `${path}: expects now what happened in this run\n`]);
    equal(readFileSync(path, 'utf8'), scenario + paths);
  });

  it('says what it leaves as it is though the run did not meet it, and exits with 1', async () => {
    for (const file of ['topology.yaml', 'bro.org.pcap']) copyFileSync(`${EXAMPLE}/${file}`, join(folder, file));
    const path = join(folder, 'scenario.yaml');
    const scenario = readFileSync(`${EXAMPLE}/scenario.yaml`, 'utf8').replace(
      /- \{.*count: 13 \}/,
      '- never: { tcp.dstport: 80 }',
    );
    writeFileSync(path, scenario);
    const { exitCode, err } = await call(['replay', path, '--no-out', '--update']);
    deepEqual(
      [exitCode, err],
      [1, `${path}:17:9: not met, and left as it is: wan:uplink: tcp.dstport 80: never, and 247 came\n`],
    );
    equal(readFileSync(path, 'utf8'), scenario);
  });

  it('has no file to renew where flags say what is played', async () => {
    const words = ['-t', 'examples/two-bridges.yaml', `web-1=${EXAMPLE}/bro.org.pcap`, '--update'];
    const { exitCode, err, out } = await call(['replay', ...words, '--no-out']);
    deepEqual([exitCode, err, out], [2, 'troupe: --update needs a scenario file\n', '']);
  });

  it('marks the outputs of a capture cut short as incomplete, keeps its sound frames, and exits with 2', async () => {
    const cut = join(folder, 'cut.pcap');
    writeFileSync(cut, readFileSync('test/captures/zeek/wikipedia.pcap').subarray(0, 1000));
    const outputs = join(folder, 'out');
    const words = ['replay', '-t', 'examples/two-bridges.yaml', `web-1=${cut}`, '--out', outputs];
    const { exitCode, err, out } = await call(words);
    equal(exitCode, 2);
    match(err, /at byte \d+/);
    match(out, /\n✗ incomplete: .*cut\.pcap: the file ends within a packet record, at byte \d+\n/);
    match(out, /\nOutputs in .*out, marked incomplete: run\.json, frames\.pcapng, flows\.json\n$/);
    const report = JSON.parse(readFileSync(join(outputs, 'run.json'), 'utf8')) as { complete: boolean };
    equal(report.complete, false);
    match(readFileSync(join(outputs, 'frames.pcapng')).toString('latin1'), /INCOMPLETE/);
  });

  it('says in every form of report that a capture was cut short, whatever became of the expectations', async () => {
    for (const file of ['topology.yaml', 'scenario.yaml']) copyFileSync(`${EXAMPLE}/${file}`, join(folder, file));
    const capture = readFileSync(`${EXAMPLE}/bro.org.pcap`);
    writeFileSync(join(folder, 'bro.org.pcap'), capture.subarray(0, capture.length - 1));
    const words = ['replay', join(folder, 'scenario.yaml'), '--no-out'];
    const text = join(folder, 'report.txt');
    const asJson = await call([...words, '-o', 'json', '--report', text]);
    const report = JSON.parse(asJson.out) as { complete: boolean; expectations: { passed: boolean; failures: number } };
    const { passed, failures } = report.expectations;
    deepEqual([asJson.exitCode, report.complete, passed, failures], [2, false, false, 1]);
    match(
      readFileSync(text, 'utf8'),
      /^\n✗ the run is incomplete\n.*\n +received +bro\.org\.pcap: the file ends within .*\n✓ wan/,
    );
    match(
      (await call([...words, '-o', 'junit'])).out,
      /<testsuite .*failures="1"[^]*<failure type="run" message="[^"]*at byte/,
    );
    match((await call([...words, '-o', 'github'])).out, /^::error::the run is incomplete: .*at byte \d+\n$/);
  });

  it('refuses a file that is no capture of Ethernet frames, by its place and name, and writes nothing', async () => {
    const outputs = join(folder, 'out');
    const path = join(folder, 'scenario.yaml');
    copyFileSync(`${EXAMPLE}/topology.yaml`, join(folder, 'topology.yaml'));
    const refused = [
      ['text.pcap', Buffer.from('no capture at all'), 'this is neither pcap nor pcapng, at byte 0, expected a capture'],
      ['empty.pcap', Buffer.alloc(0), 'the file is empty, at byte 0, expected a capture'],
      ['folder.pcap', undefined, 'this is a directory, expected a capture'],
      [
        'cooked.pcap',
        readFileSync('test/captures/zeek/linuxsll-arp.pcap'),
        'link type 113 (LINUX_SLL) is not Ethernet, at byte 20, expected a capture of Ethernet frames',
      ],
    ] as const;
    for (const [name, bytes, why] of refused) {
      if (bytes === undefined) mkdirSync(join(folder, name));
      else writeFileSync(join(folder, name), bytes);
      writeFileSync(path, `topology: topology.yaml\ninputs:\n  - { capture: ${name}, into: laptop }\n`);
      // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other
      const byFile = await call(['replay', path, '--out', outputs]);
      deepEqual([byFile.exitCode, byFile.out, byFile.err], [2, '', `${path}:3:16: ${name}: ${why}\n`]);
      const flags = ['-t', join(folder, 'topology.yaml'), `laptop=${join(folder, name)}`];
      // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other
      const byFlags = await call(['replay', ...flags, '--out', outputs]);
      deepEqual([byFlags.exitCode, byFlags.out, byFlags.err.endsWith(`${why}\n`)], [2, '', true]);
    }
    equal(existsSync(outputs), false);
  });

  it('exits with 3 when the system fails to read a capture', async function () {
    const failing = '/proc/self/mem'; // may be opened; to read its beginning is an I/O error
    if (!existsSync(failing)) this.skip();
    const { exitCode, err } = await call(['replay', '-t', 'examples/two-bridges.yaml', `web-1=${failing}`, '--no-out']);
    equal(exitCode, 3);
    match(err, /EIO/);
  });

  it('writes nothing for a scenario that is not sound', async () => {
    const path = join(folder, 'broken.yaml');
    writeFileSync(path, 'topology: nowhere.yaml\n');
    const outputs = join(folder, 'out');
    const { exitCode, err } = await call(['replay', path, '--out', outputs]);
    equal(exitCode, 2);
    match(err, /broken\.yaml:1:11: /);
    equal(existsSync(outputs), false);
  });

  it('ends when it is told to, in seconds or with units', async () => {
    const words = ['replay', `${EXAMPLE}/scenario.yaml`, '--no-out', '--until'];
    const [seconds, units] = [await call([...words, '5']), await call([...words, '5s'])];
    const never = await call([...words, 'soon']);
    match(seconds.out, /not selected/);
    equal(seconds.out, units.out);
    equal(never.exitCode, 2);
    match(never.err, /--until: "soon" is wrong, expected seconds/);
  });

  for (const flag of ['--save-state', '--report']) {
    it(`says why the file of ${flag} cannot be written`, async () => {
      const nowhere = join(folder, 'nowhere', 'file.json');
      const { exitCode, err } = await call(['replay', `${EXAMPLE}/scenario.yaml`, '--no-out', flag, nowhere]);
      equal(exitCode, 3);
      match(err, /file\.json cannot be written: its folder does not exist/);
    });
  }

  it('writes every report that is asked for, each in its form', async () => {
    const [withForm, byEnding] = [
      ['junit=', 'text=', 'github=', 'json='],
      ['.xml', '.json', '.txt'],
    ];
    const named = withForm.map((form) => `${form}${join(folder, form.slice(0, -1))}`);
    const wanted = [...named, ...byEnding.map((ending) => join(folder, `by-ending${ending}`))];
    const reports = wanted.flatMap((what) => ['--report', what]);
    const { exitCode, out } = await call(['replay', `${EXAMPLE}/scenario.yaml`, '--no-out', ...reports]);
    equal(exitCode, 0);
    match(out, /1 expectation met/);
    match(read('junit'), /^<\?xml[\s\S]*<testcase classname="examples/);
    match(read('text'), /^✓ .*tcp\.dstport 80/);
    equal(read('github'), '');
    equal((JSON.parse(read('json')) as { expectations: number }).expectations, 1);
    deepEqual(
      byEnding.map((ending) => read(`by-ending${ending}`)),
      ['junit', 'json', 'text'].map(read),
    );
  });

  it('says on standard output what a form alone asks for, as -o does, beside the files', async () => {
    const words = ['replay', `${EXAMPLE}/scenario.yaml`, '--no-out'];
    const xml = join(folder, 'out.xml');
    const { out } = await call([...words, '--report', 'junit', '--report', `junit=${xml}`]);
    equal(out, readFileSync(xml, 'utf8'));
    equal(out, (await call([...words, '-o', 'junit'])).out);
    const text = await call([...words, '--report', 'text', '-o', 'text']);
    equal(text.out, (await call(words)).out);
  });

  const clashes: readonly (readonly [words: readonly string[], message: RegExp])[] = [
    [
      ['--report', 'out.xml', '--report', 'junit=./out.xml'],
      /--report out\.xml and --report junit=\.\/out\.xml: both would write the same file/,
    ],
    [['--save-state', 's.json', '--report', 's.json'], /--save-state s\.json and --report s\.json: both would write/],
    [
      ['--report', 'text', '--report', 'json'],
      /--report text and --report json: standard output takes one; .*json=FILE/,
    ],
    [['--report', 'json', '-o', 'junit'], /-o junit and --report json: standard output takes one/],
    [
      ['--report', 'junti=out'],
      /--report junti=out: expected a form \(text, json, junit, github\), FORM=FILE, or a name/,
    ],
    [['--report', 'junit='], /--report junit=: expected a form/],
    [['--report', 'out.html'], /--report out\.html: expected a form/],
  ];
  for (const [words, message] of clashes) {
    it(`refuses "${words.join(' ')}" before anything is played`, async () => {
      const outputs = join(folder, 'out');
      const { exitCode, err } = await call(['replay', `${EXAMPLE}/scenario.yaml`, '--out', outputs, ...words]);
      equal(exitCode, 2);
      match(err, message);
      equal(existsSync(outputs), false);
    });
  }

  it('writes the reports that can be written where another cannot', async () => {
    const [nowhere, here] = [join(folder, 'nowhere', 'a.xml'), join(folder, 'b.json')];
    const words = ['--no-out', '--report', nowhere, '--report', here];
    const { exitCode, err } = await call(['replay', `${EXAMPLE}/scenario.yaml`, ...words]);
    equal(exitCode, 3);
    match(err, /a\.xml cannot be written/);
    ok(existsSync(here));
  });

  it('exits with 3 where the outputs cannot be written', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const { exitCode } = await call(['replay', `${EXAMPLE}/scenario.yaml`, '--out', join(file, 'out')]);
    equal(exitCode, 3);
  });
});

const traced = (...words: string[]): Promise<Called> =>
  call(['trace', 'examples/two-bridges.yaml', '--in', 'web-1', ...words]);

describe('troupe trace', () => {
  it('tells hop by hop what would become of a packet, and the flow', async () => {
    const { exitCode, out } = await traced('tcp 10.0.1.10:4000 > 10.0.2.20:80');
    equal(exitCode, 0);
    equalsGolden(out, `${GOLDEN}/trace-routed.txt`);
  });

  it('shows a wait as a branch, when nothing is assumed', async () => {
    const { out } = await traced('udp 10.0.1.10:9 > 192.0.2.1:53', '--state', 'empty', '-o', 'tree');
    equalsGolden(out, `${GOLDEN}/trace-waits.txt`);
  });

  it('gives programs the whole story', async () => {
    const { out } = await traced('icmp echo 10.0.1.10 > 10.0.1.1', '-o', 'json');
    const story = JSON.parse(out) as { version: number; disposition: unknown; generated: readonly { cause: string }[] };
    equal(story.version, 1);
    deepEqual(story.disposition, { kind: 'consumed', reason: 'echo-answered' });
    deepEqual(
      story.generated.map(({ cause }) => cause),
      ['echo-reply'],
    );
  });

  it('gives programs all of it, whatever detail people would get', async () => {
    const words = ['tcp 10.0.1.10:4000 > 10.0.2.20:80', '-o', 'json', '--detail'];
    const [minimal, full] = [await traced(...words, 'minimal'), await traced(...words, 'full')];
    equal(minimal.out, full.out);
  });

  it('tells of several packets in a line each, for a person who scans them', async () => {
    const words = ['tcp 10.0.1.10:4000 > 10.0.2.20:80', 'udp 10.0.1.10:9 > 10.0.2.20:53 ttl=1'];
    const { out } = await traced(...words, '--detail', 'minimal');
    match(out, /^✓ [^\n]+ → db:db-1 [^\n]+\n✗ [^\n]+ ttl-expired at edge [^\n]+ICMP time exceeded[^\n]+\n$/);
  });

  it('meets the network as it was after a frame of the scenario', async () => {
    const words = ['--in', 'uplink', 'udp 203.0.113.1:9 > 10.0.2.15:9', '--detail', 'minimal'];
    const before = await call(['trace', `${EXAMPLE}/scenario.yaml`, ...words, '--state', 'empty']);
    match(before.out, /next-hop-unknown/);
    const after = await call(['trace', `${EXAMPLE}/scenario.yaml`, ...words, '--state', 'after-frame:10']);
    match(after.out, /office:laptop/);
  });

  it('says with the actions into how many fragments a packet goes, and how long they are', async () => {
    const path = join(tmpdir(), `troupe-mtu-${process.pid}.yaml`);
    const text = readFileSync('examples/two-bridges.yaml', 'utf8').replace(
      '10.0.2.1/24, link: db',
      '10.0.2.1/24, link: db, mtu: 600',
    );
    writeFileSync(path, text);
    const { out } = await call(['trace', path, '--in', 'web-1', 'udp 10.0.1.10:4000 > 10.0.2.20:53 len=1400']);
    rmSync(path);
    match(out, /\nDatapath actions: .*,output\(db:db-1\) in 3 fragments \(610 octets, the last 290\)\n/);
  });

  it('points at what is wrong with a packet', async () => {
    const { exitCode, err } = await traced('tpc 10.0.1.10:4000 > 10.0.2.20:80');
    equal(exitCode, 2);
    match(err, /\^~~/);
    match(err, /did you mean 'tcp'/);
  });
});
