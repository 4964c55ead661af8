import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { configurationOf, sizeProblem, type ServerPlace } from '../../../ops/servers/zookeeper-configuration.ts';
import { describeOnZookeeper } from '../../on-zookeeper.ts';

const FOLDER = 'ops/servers/zookeeper';
/** What says where a server is, where it keeps its data, and where the others are. */
const OF_A_PLACE = /^(clientPort|clientPortAddress|dataDir|dataLogDir|admin\.serverPort|server\.\d+)$/;

type Settings = ReadonlyMap<string, string>;

/** The lines of a configuration; fails where a name comes twice, for the later one would count. */
function settingsOf(text: string): Settings {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const settings = new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  equal(settings.size, lines.length, 'a name comes twice');
  return settings;
}

function but(settings: Settings, what: RegExp): Settings {
  return new Map([...settings].filter(([name]) => !what.test(name)));
}

/** What a unit or a container puts together to its configuration: the files that it hands to `cat`, as they are here. */
function assembled(command: string): Settings {
  const [, paths = ''] = /\bcat ([^>]+) > /.exec(command) ?? [];
  const names = paths
    .trim()
    .split(' ')
    .map((path) => path.slice(path.lastIndexOf('/') + 1));
  equal(names.length, 2);
  return settingsOf(names.map((name) => readFileSync(join(FOLDER, name), 'utf8')).join('\n'));
}

const production = settingsOf(readFileSync(join(FOLDER, 'zoo.cfg'), 'utf8'));

describe('the configuration of a ZooKeeper server', () => {
  it('says what Troupe relies on, whatever a release of ZooKeeper takes for granted, and no address', () => {
    deepEqual(Object.fromEntries(production), {
      tickTime: '1000',
      initLimit: '10',
      syncLimit: '5',
      minSessionTimeout: '2000',
      maxSessionTimeout: '60000',
      maxClientCnxns: '0',
      snapCount: '100000',
      'autopurge.snapRetainCount': '3',
      'autopurge.purgeInterval': '1',
      '4lw.commands.whitelist': 'srvr,mntr,cons,wchs,dirs,ruok',
      'admin.serverAddress': '127.0.0.1',
      'enforce.auth.enabled': 'true',
      'enforce.auth.schemes': 'digest',
    });
  });

  for (const size of [1, 3, 5, 7]) {
    it(`is that of production in an ensemble of ${size} for tests, but for addresses and folders`, () => {
      const places = Array.from({ length: size }, (_, n) => placeOf(n + 1));
      const all = places.map((place) => settingsOf(configurationOf(place, `/folder/${place.number}`, places)));
      for (const settings of all) deepEqual(but(settings, OF_A_PLACE), production);
      deepEqual(
        all.map((settings) => settings.get('dataDir')),
        places.map(({ number }) => `/folder/${number}`),
      );
      const peers = [...(all[0] ?? [])].filter(([name]) => name.startsWith('server.'));
      equal(peers.length, size === 1 ? 0 : size);
      for (const settings of all) for (const [name, where] of peers) equal(settings.get(name), where);
    });
  }

  it('knows ensembles of odd numbers only, and says why', () => {
    deepEqual([1, 3, 5, 7].map(sizeProblem), [undefined, undefined, undefined, undefined]);
    match(sizeProblem(2) ?? '', /not 2: 2 survive no more failures than 1, and fail more often$/);
    match(sizeProblem(6) ?? '', /not 6: 6 survive no more failures than 5/);
    match(sizeProblem(9) ?? '', /not 9: each write waits/);
    for (const size of [0, -1, 1.5, Number.NaN]) ok(sizeProblem(size));
  });
});

describe('a deployment of ZooKeeper', () => {
  const compose = parse(readFileSync(join(FOLDER, 'compose.yaml'), 'utf8'), { merge: true }) as Compose;
  const unit = readFileSync(join(FOLDER, 'zookeeper.service'), 'utf8');
  const version =
    /<groupId>org.apache.zookeeper<\/groupId>\s*<artifactId>zookeeper<\/artifactId>\s*<version>([\d.]+)</.exec(
      readFileSync(join(FOLDER, 'pom.xml'), 'utf8'),
    )?.[1];

  it('in containers has the configuration of production, the release of the tests, and a folder for each of its data', () => {
    const services = Object.entries(compose.services);
    const ids = services.map(([, { environment }]) => environment['ZOO_MY_ID']);
    deepEqual(ids, ['1', '2', '3']);
    const kept = new Set<string>();
    for (const [name, { image, entrypoint, environment, hostname, volumes }] of services) {
      equal(image, `zookeeper:${version}`);
      const settings = assembled(entrypoint.join(' '));
      deepEqual(but(settings, OF_A_PLACE), production);
      equal(hostname, name);
      equal(settings.get(`server.${environment['ZOO_MY_ID']}`), `${name}:2888:3888;${name}:2181`);
      equal(environment['ZOO_DATA_DIR'], settings.get('dataDir'));
      equal(environment['ZOO_DATA_LOG_DIR'], settings.get('dataLogDir'));
      for (const volume of volumes) {
        const [from = '', to = ''] = volume.split(':');
        if (from.startsWith('./')) ok(existsSync(join(FOLDER, from)), from);
        else ok(from in compose.volumes && !kept.has(from) && /^\/var\/lib\/zookeeper\/(data|log)$/.test(to), volume);
        kept.add(from);
        if (from.startsWith('./')) kept.delete(from);
      }
      for (const file of ['zoo.cfg', 'addresses.cfg']) ok(volumes.includes(`./${file}:/troupe/${file}:ro`));
    }
    equal(kept.size, 6);
  });

  it('in containers is reached from outside by the ports of clients alone, on loopback unless told otherwise', () => {
    const ports = Object.values(compose.services).flatMap((service) => service.ports);
    deepEqual(
      ports,
      [2181, 2182, 2183].map((port) => `\${MANAGEMENT_ADDRESS:-127.0.0.1}:${port}:2181`),
    );
  });

  it('by systemd has the configuration of production, in the folders that the unit makes', () => {
    const settings = assembled(/^ExecStartPre=(.*)$/m.exec(unit)?.[1] ?? '');
    deepEqual(but(settings, OF_A_PLACE), production);
    const [, folders = ''] = /^StateDirectory=(.*)$/m.exec(unit) ?? [];
    deepEqual(
      folders.split(' ').map((folder) => `/var/lib/${folder}`),
      [settings.get('dataDir'), settings.get('dataLogDir')],
    );
    ok(unit.includes(`/doc/r${version}/`));
  });

  it('by systemd is a unit that systemd can read', function () {
    const { error, status, stdout, stderr } = spawnSync(
      'systemd-analyze',
      ['verify', join(FOLDER, 'zookeeper.service')],
      {
        encoding: 'utf8',
      },
    );
    if (error !== undefined || /\/usr\/bin\/java is not executable/.test(stderr)) this.skip();
    deepEqual([status, stdout + stderr], [0, '']);
  });

  it('leaves fsync on: what is acknowledged is on the disk', () => {
    const files = ['zoo.cfg', 'addresses.cfg', 'compose.yaml', 'zookeeper.service'];
    for (const file of files) ok(!/forceSync|skipACL|fsync\.\w/.test(readFileSync(join(FOLDER, file), 'utf8')), file);
  });
});

describeOnZookeeper('a ZooKeeper server that runs for tests', (server) => {
  const asked = async (command: string): Promise<Readonly<Record<string, unknown>>> => {
    const answer = await fetch(`http://127.0.0.1:${server().place.adminPort}/commands/${command}`);
    return (await answer.json()) as Readonly<Record<string, unknown>>;
  };

  it('says of itself what production is configured to', async () => {
    const found = await asked('configuration');
    for (const [name, key] of [
      ['tickTime', 'tick_time'],
      ['minSessionTimeout', 'min_session_timeout'],
      ['maxSessionTimeout', 'max_session_timeout'],
      ['maxClientCnxns', 'max_client_cnxns'],
    ] as const) {
      equal(String(found[key]), production.get(name), name);
    }
    const properties = await asked('system_properties');
    for (const name of ['snapCount', '4lw.commands.whitelist', 'admin.serverAddress', 'enforce.auth.enabled']) {
      equal(properties[`zookeeper.${name}`], production.get(name), name);
    }
    ok(!Object.keys(properties).some((name) => /forceSync|skipACL/.test(name)));
  });
});

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

interface Service {
  readonly image: string;
  readonly entrypoint: readonly string[];
  readonly hostname: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly ports: readonly string[];
  readonly volumes: readonly string[];
}

function placeOf(number: number): ServerPlace {
  const port = 1000 * number;
  return { number, clientPort: port, quorumPort: port + 1, electionPort: port + 2, adminPort: port + 3 };
}
