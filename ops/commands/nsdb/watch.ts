import { CLASSES, type ClassName } from '../../../topology/model/bindings.ts';
import { didYouMean } from '../../../topology/file/did-you-mean.ts';
import { formatConnection } from '../../../topology/nsdb/format-connection.ts';
import type { Nsdb } from '../../../topology/nsdb/nsdb.ts';
import { observeChanges, type ObjectChange } from '../../../topology/nsdb/observe-changes.ts';
import { EXIT, type ExitCode } from '../../exit-code.ts';
import { withNsdb } from '../../nsdb/with-nsdb.ts';
import { raised } from '../../raised.ts';
import { formatObjectChange, kindOf, nameOf } from '../../render/object-change-text.ts';
import { count } from '../../render/count.ts';
import type { Shell } from '../../shell.ts';
import { Trouble } from '../../trouble.ts';
import type { WatchLine } from './outputs.ts';

export interface WatchFlags {
  readonly output: 'text' | 'ndjson';
}

/** Tells of changes of objects as they happen, until the signal is raised. @param words names of classes; all, where there are none */
export async function watchDatabase(words: readonly string[], { output }: WatchFlags, shell: Shell): Promise<ExitCode> {
  const classes = words.length === 0 ? CLASSES : words.map(classNamed);
  const watch = async (nsdb: Nsdb) => {
    const say = (text: string) => {
      if (!shell.quiet) shell.err(`troupe: ${text}\n`);
    };
    let wasConnected = true;
    nsdb.observeConnection((connection) => {
      const isConnected = connection.kind === 'connected';
      if (isConnected !== wasConnected && connection.kind !== 'closed') {
        say(isConnected ? 'connected again: what was missed follows' : formatConnection(connection));
      }
      wasConnected = isConnected;
    });
    const form = output === 'text' ? (change: ObjectChange) => formatObjectChange(change, shell.look) : lineOf;
    const observation = observeChanges(nsdb, classes, (change) => shell.out(`${form(change)}\n`));
    const interrupted = raised(shell.signal);
    void observation.begun.then((objects) => say(`watching ${count(objects, 'object')}; Ctrl-C ends it`));
    await interrupted;
    await observation.close();
  };
  await withNsdb(shell, watch, { absent: 'refuse' });
  return EXIT.interrupted;
}

function classNamed(word: string): ClassName {
  const cls = CLASSES.find((one) => one === word);
  if (cls !== undefined) return cls;
  const meant = didYouMean(word, CLASSES);
  const hint = meant === undefined ? `expected one of ${CLASSES.join(', ')}` : `did you mean "${meant}"?`;
  throw new Trouble(`no class of objects is called "${word}"; ${hint}`);
}

function lineOf(change: ObjectChange): string {
  const { class: cls, id, at, writer, before, fields } = change;
  const line: WatchLine = {
    version: 1,
    at: new Date(at).toISOString(),
    change: kindOf(change),
    class: cls,
    id,
    name: nameOf(change),
    by: writer,
    before,
    fields,
  };
  return JSON.stringify(line);
}
