import { askServer, type FourLetterWord, type WordAnswer } from './four-letter-word.ts';
import { parseZxid, type Zxid } from './zxid.ts';

/** What a server does in its ensemble. `standalone` has none; `read-only` serves what it has without the others. */
export type ServerRole = (typeof SERVER_ROLES)[number];
export const SERVER_ROLES = ['leader', 'follower', 'observer', 'standalone', 'read-only'] as const;

/** What a server that serves tells of itself. A part is absent where the word that tells it is not allowed. */
export interface ServerFigures {
  readonly version?: string;
  /** Of requests since the server started, in milliseconds. */
  readonly latency?: { readonly min: number; readonly avg: number; readonly max: number };
  readonly connections?: number;
  /** Sessions whose clients are connected to this server. */
  readonly sessions?: number;
  /** Requests taken and not yet answered. */
  readonly outstanding?: number;
  readonly watches?: number;
  readonly nodes?: number;
  readonly zxid?: Zxid;
  /** How long writing to the disk took, in milliseconds. */
  readonly fsync?: { readonly avg: number; readonly max: number };
  /** Bytes on the disk: of snapshots, and of logs. The two are the same folder's where logs have none of their own. */
  readonly dataBytes?: number;
  readonly logBytes?: number;
  /** In milliseconds. */
  readonly uptime?: number;
  /** How many servers vote in its ensemble. */
  readonly quorumSize?: number;
  /** A leader's: how many followers have all it has. */
  readonly syncedFollowers?: number;
}

/**
 * How one server does.
 *
 * - `serving`: in its ensemble, and answering clients
 * - `not-serving`: up, but in no quorum with others
 * - `silent`: no answer; `why` reads after "it"
 */
export type ServerStatus = {
  /** `host:port`. */
  readonly server: string;
  /** Words that it does not allow. */
  readonly forbidden: readonly FourLetterWord[];
} & (
  | { readonly kind: 'serving'; readonly role: ServerRole | undefined; readonly figures: ServerFigures }
  | { readonly kind: 'not-serving' }
  | { readonly kind: 'silent'; readonly why: string }
);

const WORDS: readonly FourLetterWord[] = ['srvr', 'mntr', 'cons', 'wchs', 'dirs'];

/** Asks a server how it does, with all words at once; answers within `patience` milliseconds, whatever the server does. */
export async function statusOfServer(server: string, patience: number): Promise<ServerStatus> {
  const answers = await Promise.all(WORDS.map((word) => askServer(server, word, patience)));
  return statusFrom(server, new Map(WORDS.map((word, n) => [word, answers[n] ?? { kind: 'forbidden' }])));
}

/** How a server does by its answers. */
export function statusFrom(server: string, answers: ReadonlyMap<FourLetterWord, WordAnswer>): ServerStatus {
  const all = [...answers];
  const forbidden = all.flatMap(([word, { kind }]) => (kind === 'forbidden' ? word : []));
  const texts = new Map(all.flatMap(([word, answer]) => (answer.kind === 'answer' ? [[word, answer.text]] : [])));
  if (all.some(([, { kind }]) => kind === 'not-serving')) return { server, forbidden, kind: 'not-serving' };
  const silent = all.flatMap(([, answer]) => (answer.kind === 'silent' ? answer.why : []))[0];
  if (silent !== undefined) return { server, forbidden, kind: 'silent', why: silent };
  const monitored = new Map((texts.get('mntr') ?? '').split('\n').map((line) => split(line, '\t')));
  const role = roleOf(/^Mode: ([\w-]+)/m.exec(texts.get('srvr') ?? '')?.[1] ?? monitored.get('zk_server_state'));
  return { server, forbidden, kind: 'serving', role, figures: figuresFrom(texts, monitored) };
}

function figuresFrom(texts: ReadonlyMap<string, string>, monitored: ReadonlyMap<string, string>): ServerFigures {
  const srvr = texts.get('srvr') ?? '';
  const cons = texts.get('cons');
  const dirs = texts.get('dirs') ?? '';
  const [, min, avg, max] = /^Latency min\/avg\/max: ([\d.]+)\/([\d.]+)\/([\d.]+)/m.exec(srvr) ?? [];
  const number = (name: string) => numberOf(monitored.get(name));
  const fsyncAvg = number('zk_avg_fsynctime');
  return present({
    version: /^Zookeeper version: ([^-,\s]+)/m.exec(srvr)?.[1],
    latency: max === undefined ? undefined : { min: Number(min), avg: Number(avg), max: Number(max) },
    connections: numberOf(/^Connections: (\d+)/m.exec(srvr)?.[1]),
    sessions: cons === undefined ? undefined : [...cons.matchAll(/\bsid=0x0*[1-9a-f]/g)].length,
    outstanding: numberOf(/^Outstanding: (\d+)/m.exec(srvr)?.[1]),
    watches: numberOf(/^Total watches: ?(\d+)/m.exec(texts.get('wchs') ?? '')?.[1]),
    nodes: numberOf(/^Node count: (\d+)/m.exec(srvr)?.[1]),
    zxid: parseZxid(/^Zxid: 0x([0-9a-f]+)/m.exec(srvr)?.[1]),
    fsync: fsyncAvg === undefined ? undefined : { avg: fsyncAvg, max: number('zk_max_fsynctime') ?? fsyncAvg },
    dataBytes: numberOf(/^datadir_size: (\d+)/m.exec(dirs)?.[1]),
    logBytes: numberOf(/^logdir_size: (\d+)/m.exec(dirs)?.[1]),
    uptime: number('zk_uptime'),
    quorumSize: number('zk_quorum_size'),
    syncedFollowers: number('zk_synced_followers'),
  });
}

function roleOf(text: string | undefined): ServerRole | undefined {
  return SERVER_ROLES.find((role) => role === text);
}

function numberOf(text: string | undefined): number | undefined {
  const number = Number(text);
  return text === undefined || text === '' || !Number.isFinite(number) ? undefined : number;
}

function split(line: string, separator: string): [string, string] {
  const at = line.indexOf(separator);
  return at === -1 ? [line, ''] : [line.slice(0, at), line.slice(at + separator.length)];
}

/** Without the members that are undefined. */
function present(figures: { readonly [Name in keyof ServerFigures]: ServerFigures[Name] | undefined }): ServerFigures {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined));
}
