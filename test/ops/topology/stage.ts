import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ZookeeperAddress } from '../../../topology/nsdb/zookeeper/address.ts';
import { MachineTimers } from '../../../topology/nsdb/zookeeper/machine-timers.ts';
import { ZookeeperDatabase } from '../../../topology/nsdb/zookeeper/zookeeper-database.ts';
import type { ZookeeperNsdb } from '../../../topology/nsdb/zookeeper/zookeeper-nsdb.ts';
import { CREDENTIALS, describeOnZookeeper, freshRoot } from '../../on-zookeeper.ts';
import { call, type Called } from '../call.ts';

/** A database of its own on a real server, a folder, and `troupe topology` between the two. */
export class Stage {
  readonly port: number;
  readonly address: ZookeeperAddress;
  /** Another's handle on the database. */
  readonly nsdb: ZookeeperNsdb;
  readonly folder = mkdtempSync(join(tmpdir(), 'troupe-topology-'));

  private constructor(port: number, address: ZookeeperAddress, nsdb: ZookeeperNsdb) {
    this.port = port;
    this.address = address;
    this.nsdb = nsdb;
  }

  static async on(port: number): Promise<Stage> {
    const address = { servers: `127.0.0.1:${port}`, root: freshRoot(), credentials: CREDENTIALS };
    return new Stage(port, address, await new ZookeeperDatabase(address, { timers: new MachineTimers() }).open('test'));
  }

  /** On the same server, under another root. */
  another(): Promise<Stage> {
    return Stage.on(this.port);
  }

  async close(): Promise<void> {
    await this.nsdb.close();
    rmSync(this.folder, { recursive: true });
  }

  /** What `--nsdb` and `TROUPE_NSDB` take. */
  url(port: number = this.port): string {
    const { user, password } = CREDENTIALS;
    return `zookeeper://${user}:${password}@127.0.0.1:${port}${this.address.root}`;
  }

  topology(...words: readonly string[]): Promise<Called> {
    return call(['topology', ...words], { TROUPE_NSDB: this.url() });
  }

  /** Writes a file. @returns where it is */
  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** What was written, without what is another in each run: the folder, the server, the root. */
  plain(text: string): string {
    return text.replaceAll(`${this.folder}/`, '').replaceAll(/127\.0\.0\.1:\d+\S*/g, 'HERE');
  }
}

/** A suite of tests each of which has a stage of its own. */
export function describeOnStage(title: string, suite: (stage: () => Stage) => void): void {
  describeOnZookeeper(title, (server) => {
    let stage: Stage;
    beforeEach(async () => (stage = await Stage.on(server().port)));
    afterEach(() => stage.close());
    suite(() => stage);
  });
}
