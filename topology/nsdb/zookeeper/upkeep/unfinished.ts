import { parseState, type JournalState } from '../journal-state.ts';
import { JOURNAL, JOURNAL_OWNER } from '../tree.ts';
import { mend, type Finding } from './finding.ts';
import type { UpkeepSession } from './upkeep-session.ts';

type UnderWay = Extract<JournalState, { readonly state: 'frozen' | 'committed' }>;

/**
 * Looks whether a large change was left half done, by a writer that died. One that does not count yet is undone, one that does is
 * completed, by whoever comes next: `journal.clean()` is the repair of both.
 */
export async function findUnfinished(session: UpkeepSession): Promise<Finding | undefined> {
  const before = await changeUnderWay(session);
  if (before === undefined) return undefined;
  const { value: owner } = await session.read((client) => client.stat(JOURNAL_OWNER));
  if (owner !== undefined && owner.owner !== '') return undefined; // its writer lives
  // A writer that has come to the end just now has removed the owner along with the state.
  const now = await changeUnderWay(session);
  if (now === undefined || now.id !== before.id) return undefined;
  const [what, way] =
    now.state === 'committed'
      ? [`of which ${now.next} of ${now.parts} parts were carried out`, 'carries out the others']
      : ['that does not count yet, and keeps all others from writing', 'undoes it'];
  return {
    kind: 'unfinished',
    path: JOURNAL,
    what: `tells of a large change ${what}; its writer is gone. All else can be judged when this is mended`,
    repair: mend(way, {}),
    rests: [JOURNAL],
  };
}

async function changeUnderWay(session: UpkeepSession): Promise<UnderWay | undefined> {
  const { value } = await session.read((client) => client.data(JOURNAL));
  const is = value && parseState(value);
  return is?.state === 'frozen' || is?.state === 'committed' ? is : undefined;
}
