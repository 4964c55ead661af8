import { lagOf, statusOfEnsemble, type EnsembleStatus } from '../../../topology/nsdb/zookeeper/ensemble-status.ts';
import { type ServerStatus } from '../../../topology/nsdb/zookeeper/server-status.ts';
import { formatZxid } from '../../../topology/nsdb/zookeeper/zxid.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { sharedNsdb } from '../../nsdb/with-nsdb.ts';
import { formatEnsemble } from '../../render/ensemble-text.ts';
import type { Shell } from '../../shell.ts';
import { Trouble } from '../../trouble.ts';
import type { ServerOutput, StatusOutput } from './outputs.ts';

export interface StatusOptions {
  /** In seconds. */
  readonly timeout: string;
  readonly output: 'table' | 'json';
}

const EXIT_OF = { fine: EXIT.fine, degraded: EXIT.unexpected, 'no-quorum': EXIT.worldFailed } as const;

/** Asks every server of the ensemble how it does. */
export async function showStatus({ timeout, output }: StatusOptions, shell: Shell): Promise<ExitCode> {
  const seconds = Number(timeout);
  if (!(seconds > 0 && seconds <= 3600)) {
    throw new Trouble(`--timeout: "${timeout}" is wrong, expected seconds, above 0 and up to 3600`);
  }
  const { servers } = sharedNsdb(shell.settings);
  const status = await statusOfEnsemble(servers.split(','), seconds * 1000);
  if (output === 'json') shell.out(`${JSON.stringify(jsonOf(status), undefined, 2)}\n`);
  else shell.out(formatEnsemble(status, shell.look));
  return EXIT_OF[status.verdict];
}

function jsonOf(status: EnsembleStatus): StatusOutput {
  const { servers, ...rest } = status;
  return {
    version: 1,
    ...rest,
    leader: rest.leader ?? null,
    servers: servers.map((server) => serverOf(server, status)),
  };
}

function serverOf(server: ServerStatus, status: EnsembleStatus): ServerOutput {
  if (server.kind !== 'serving') return server;
  const { figures, role, ...rest } = server;
  const { zxid, ...others } = figures;
  const lag = lagOf(server, status);
  return {
    ...rest,
    role: role ?? null,
    ...others,
    ...(zxid && { zxid: formatZxid(zxid) }),
    ...(lag !== undefined && { lag }),
  };
}
