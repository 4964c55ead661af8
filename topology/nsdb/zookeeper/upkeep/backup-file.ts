import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readlink, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, isAbsolute } from 'node:path';
import { codeOf } from '../../../model/code-of.ts';
import { isJsonObject, parseJson, type JsonObject } from '../../../model/json.ts';
import { BackupError } from './backup-error.ts';
import type { LastingNode } from './lasting.ts';

const FORMAT = 'troupe-nsdb-backup';
const VERSION = 1;
/** Characters written at once, about. */
const CHUNK = 1 << 20;

/** What a backup is of. */
export interface BackupHeader {
  /** The database's schema version. */
  readonly schema: string;
  /** The transaction as of which all of it was so, as ZooKeeper writes it. */
  readonly zxid: string;
  /** When it was taken, as ISO 8601 has it. */
  readonly taken: string;
  /** The root that it was taken of. It may be restored under another. */
  readonly root: string;
}

export interface Backup {
  readonly header: BackupHeader;
  readonly nodes: readonly LastingNode[];
}

/**
 * Writes a backup: a line of JSON that says what it is, one for each node, and one with their number. Each has a sum over itself and all
 * before it, by which the first line is known that was changed, lost or moved. Only its owner may read it, for it holds passwords. It
 * stands under its name when it is complete, and not before; where a symbolic link has that name, it stands where the link leads.
 *
 * @param signal leaves no file behind when it is raised
 * @throws BackupError `not-a-file`, when a folder, a pipe or a device has the name; Node's own error when it cannot be written; the
 *   signal's reason
 */
export async function writeBackup(path: string, { header, nodes }: Backup, signal?: AbortSignal): Promise<void> {
  const target = await targetOf(path);
  const unfinished = `${target}.${process.pid}.part`;
  const file = await open(unfinished, 'w', 0o600);
  try {
    await writeLines(file, header, nodes, signal);
    await file.sync();
    await file.close();
    signal?.throwIfAborted();
    await rename(unfinished, target);
  } catch (cause) {
    await file.close().catch(() => {});
    await rm(unfinished, { force: true });
    throw cause;
  }
}

/** The regular file that a name means, or will mean: where symbolic links lead, if only to where nothing is yet. */
async function targetOf(path: string): Promise<string> {
  const there = await stat(path).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw cause;
  });
  if (there?.isFile() === true) return realpath(path);
  if (there !== undefined) {
    const what = there.isDirectory() ? 'it is a folder: name a file in it' : 'it is no regular file: name another';
    throw new BackupError('not-a-file', `${path} cannot be written: ${what}`);
  }
  const link = await readlink(path).catch(() => undefined);
  if (link === undefined) return path;
  return targetOf(isAbsolute(link) ? link : `${dirname(path)}/${link}`);
}

async function writeLines(
  file: FileHandle,
  header: BackupHeader,
  nodes: readonly LastingNode[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const seal = new Seal();
  let text = seal.line({ format: FORMAT, version: VERSION, ...header });
  for (const node of nodes) {
    text += seal.line(recordOf(node));
    if (text.length < CHUNK) continue;
    signal?.throwIfAborted();
    // oxlint-disable-next-line eslint/no-await-in-loop -- so that no more than a chunk is in memory
    await file.write(text);
    text = '';
  }
  await file.write(text + seal.line({ nodes: nodes.length }));
}

function recordOf({ path, data }: LastingNode): JsonObject {
  if (data.length === 0) return { path };
  return isUtf8(data) ? { path, data: data.toString() } : { path, base64: data.toString('base64') };
}

/** Puts a sum at the end of each line, as its last member: the first half of a SHA-256 over the sum before it and the line without. */
class Seal {
  #sum = '';

  line(record: JsonObject): string {
    const text = JSON.stringify(record);
    return `${text.slice(0, -1)},"sum":"${this.#next(text)}"}\n`;
  }

  /** What a line says; undefined where its sum is not the next one. */
  open(line: string): JsonObject | undefined {
    const [, text, sum] = /^(\{.*),"sum":"([0-9a-f]+)"\}$/s.exec(line) ?? [];
    if (text === undefined || this.#next(`${text}}`) !== sum) return undefined;
    const record = parseJson(`${text}}`);
    return isJsonObject(record) ? record : undefined;
  }

  #next(text: string): string {
    this.#sum = createHash('sha256').update(this.#sum).update(text).digest('hex').slice(0, 32);
    return this.#sum;
  }
}

/**
 * Reads a backup, all of it.
 *
 * @throws BackupError; Node's own error when the file cannot be read
 */
export async function readBackup(path: string): Promise<Backup> {
  const reader = new BackupReader(path);
  for await (const line of linesOf(path)) reader.push(line);
  return reader.end();
}

async function* linesOf(path: string): AsyncGenerator<string, void> {
  let rest = '';
  const chunks: AsyncIterable<string> = createReadStream(path, { encoding: 'utf8' });
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** Understands the lines of a backup. */
class BackupReader {
  readonly #path: string;
  readonly #seal = new Seal();
  readonly #nodes: LastingNode[] = [];
  #header: BackupHeader | undefined;
  #lines = 0;
  /** The first line that says what it should not. Where nothing follows, it breaks off. */
  #broken: number | undefined;
  #isComplete = false;

  constructor(path: string) {
    this.#path = path;
  }

  push(line: string): void {
    if (this.#broken !== undefined || this.#isComplete) throw this.#damaged(this.#broken ?? this.#lines + 1);
    this.#lines++;
    const record = this.#header === undefined ? this.#begin(line) : this.#seal.open(line);
    if (record === undefined) this.#broken = this.#lines;
    else if (this.#header === undefined) this.#header = this.#headerFrom(record);
    else if (typeof record['path'] === 'string') this.#nodes.push(nodeFrom(record['path'], record));
    else this.#isComplete = true;
  }

  end(): Backup {
    if (this.#header === undefined) throw new BackupError('not-a-backup', `${this.#path} is empty: it is no backup`);
    if (!this.#isComplete) {
      const count = this.#nodes.length;
      const after = `after ${count} node${count === 1 ? '' : 's'}`;
      const sentence = `${this.#path}:${this.#lines}: is cut short: its end is missing or damaged, ${after}`;
      throw new BackupError('cut-short', sentence);
    }
    return { header: this.#header, nodes: this.#nodes };
  }

  /** Reads the first line: of a file that is none of ours, or of a newer program, its sum says nothing. */
  #begin(line: string): JsonObject {
    const raw = parseJson(line);
    const { format, version } = isJsonObject(raw) ? raw : {};
    if (format !== FORMAT || typeof version !== 'number') {
      throw new BackupError('not-a-backup', `${this.#path} is no backup of a network state database`);
    }
    if (version > VERSION) {
      const sentence = `${this.#path} is a backup of format ${version}, and this program knows ${VERSION}: use a newer one`;
      throw new BackupError('newer', sentence);
    }
    const record = this.#seal.open(line);
    if (record === undefined) throw this.#damaged(1);
    return record;
  }

  #headerFrom({ schema, zxid, taken, root }: JsonObject): BackupHeader {
    if (
      typeof schema !== 'string' ||
      typeof zxid !== 'string' ||
      typeof taken !== 'string' ||
      typeof root !== 'string'
    ) {
      throw this.#damaged(1);
    }
    return { schema, zxid, taken, root };
  }

  #damaged(line: number): BackupError {
    const sentence = `${this.#path}:${line}: was changed since it was written, or lines before it are missing`;
    return new BackupError('damaged', sentence);
  }
}

function nodeFrom(path: string, { data, base64 }: JsonObject): LastingNode {
  if (typeof base64 === 'string') return { path, data: Buffer.from(base64, 'base64') };
  return { path, data: Buffer.from(typeof data === 'string' ? data : '') };
}
