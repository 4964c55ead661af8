import { parentOf } from '../places.ts';
import { checkBelongings } from './check-belongings.ts';
import { checkNodes } from './check-nodes.ts';
import { checkReferences } from './check-references.ts';
import { checkRights } from './check-rights.ts';
import type { Finding } from './finding.ts';
import type { NodePlace } from './node-place.ts';
import { repair } from './repair.ts';
import { Survey } from './survey.ts';
import { BOTH, CHILDREN, DATA, STAT, TreeCopy, type Interest } from './tree-copy.ts';
import { findUnfinished } from './unfinished.ts';
import type { UpkeepSession } from './upkeep-session.ts';

/** What is to be done about what is found. */
export interface CheckOptions {
  /** Mend what can be mended without losing anything. */
  readonly isRepairing: boolean;
  /** Delete, too, what nobody can read. */
  readonly isDiscarding: boolean;
  /** Milliseconds of the epoch: by it, what somebody forgot is told from what is under way. The machine's, where nothing is said. */
  readonly now?: number;
}

/** What a check came to. */
export interface CheckReport {
  /** The transaction as of which this was so. */
  readonly zxid: number;
  readonly nodes: number;
  readonly objects: number;
  /** What is wrong, as of then. */
  readonly findings: readonly Finding[];
  /** What was wrong, and has been mended. */
  readonly mended: readonly Finding[];
  /** How many findings more there may be: they rest on nodes that kept changing. */
  readonly unsettled: number;
}

const ROUNDS = 30;
/** How often what is found is mended and looked at again: one thing mended may show another. */
const PASSES = 20;
/** How often one repair is tried that others keep coming before. */
const TRIES = 3;

const NOTHING = { nodes: 0, objects: 0, unsettled: 0 } as const;

const INTERESTS: { readonly [Kind in NodePlace['kind']]: Interest | undefined } = {
  fixed: CHILDREN,
  schema: DATA,
  runs: undefined, // databases of their own
  object: BOTH,
  referrer: STAT,
  provenance: DATA,
  'table-owner': CHILDREN,
  table: CHILDREN,
  entry: STAT,
  'state-namespace': CHILDREN,
  'state-class': CHILDREN,
  'state-object': CHILDREN,
  'state-key': BOTH,
  'state-value': DATA,
  sequence: DATA,
  queue: CHILDREN,
  place: STAT,
  journal: BOTH,
  'journal-owner': STAT,
  'journal-part': STAT,
  nat: CHILDREN,
  'nat-device': CHILDREN,
  'nat-address': CHILDREN,
  'nat-block': CHILDREN,
  'nat-lease': STAT,
  stranger: BOTH,
};

/**
 * Looks through a database, and mends what it finds if it shall. Nobody is kept from writing: what is found was so at one moment, and
 * is mended only if it still is.
 *
 * @throws NsdbError `not-found`, where there is no database; `invalid`, where there is one of a newer schema, or half of one
 */
export async function check(session: UpkeepSession, options: CheckOptions): Promise<CheckReport> {
  const { isRepairing, isDiscarding, now = Date.now() } = options;
  await session.mustBeReadable();
  const mended: Finding[] = [];
  const unfinished = await findUnfinished(session);
  if (unfinished !== undefined) {
    // Half of a change is no database: all else is looked at when it is whole.
    if (!isRepairing) return { ...NOTHING, zxid: session.client.seen, findings: [unfinished], mended };
    await session.read(() => session.journal.clean());
    mended.push(unfinished);
  }
  const copy = new TreeCopy(session, ({ kind }) => INTERESTS[kind]);
  await copy.read('/');
  const tries = new Map<string, number>();
  for (let pass = 1; ; pass++) {
    /* oxlint-disable eslint/no-await-in-loop -- a pass follows on what the one before mended */
    const { zxid, touched } = await copy.settle(ROUNDS);
    const survey = new Survey(copy);
    // A node's absence is known by its parent's children.
    const isUnsure = (path: string) =>
      touched.has(path) || (copy.at(path) === undefined && touched.has(parentOf(path)));
    const all = [...checkNodes(survey), ...checkReferences(survey), ...checkBelongings(survey, now)];
    const sure = all.filter(({ rests }) => !rests.some(isUnsure));
    const findings = inOrder(survey, [...sure, ...(await checkRights(session, copy))]);
    const due = findings.filter((finding) => {
      const isWanted = finding.repair !== undefined && isRepairing && (isDiscarding || !finding.repair.isLoss);
      return isWanted && (tries.get(nameOf(finding)) ?? 0) < TRIES;
    });
    if (due.length === 0 || pass === PASSES) {
      const objects = [...survey.objects].length;
      return { zxid, nodes: copy.nodes.size, objects, findings, mended, unsettled: all.length - sure.length };
    }
    for (const finding of due) tries.set(nameOf(finding), (tries.get(nameOf(finding)) ?? 0) + 1);
    mended.push(...(await repair(session, survey, due)));
    /* oxlint-enable eslint/no-await-in-loop */
  }
}

/** Findings by their paths, those about an object with its name. */
function inOrder(survey: Survey, findings: readonly Finding[]): readonly Finding[] {
  return findings
    .toSorted((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)))
    .map((finding) => {
      const name = survey.nameAt(finding.path);
      return name === undefined ? finding : { ...finding, name };
    });
}

function nameOf({ kind, path, what }: Finding): string {
  return `${kind} ${path} ${what}`;
}
