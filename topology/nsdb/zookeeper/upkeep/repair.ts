import { addToList } from '../../../model/add-to-list.ts';
import { NsdbError } from '../../nsdb-error.ts';
import { objectPath } from '../../paths.ts';
import type { Operation } from '../client/operation.ts';
import { formatObject, formatProvenance } from '../records.ts';
import { provenanceNode } from '../tree.ts';
import { ZookeeperError } from '../zookeeper-error.ts';
import { batchesOf } from './batches.ts';
import { MENDER } from './check-nodes.ts';
import type { Finding, Repair } from './finding.ts';
import { placeOf } from './node-place.ts';
import type { Survey } from './survey.ts';
import type { UpkeepSession } from './upkeep-session.ts';

/** What is made at once: a repair, or all those of one object's fields. */
interface Job {
  readonly findings: readonly Finding[];
  readonly requires: readonly Operation[];
  readonly operations: readonly Operation[];
  readonly claim: string | undefined;
}

/** A finding that can be mended. */
type Due = Finding & { readonly repair: Repair };

/**
 * Mends findings, each only if it is still true.
 *
 * @returns those that were mended. Where somebody was faster, holds the rights, or the connection broke, another look shows what became of it
 */
export async function repair(
  session: UpkeepSession,
  survey: Survey,
  findings: readonly Finding[],
): Promise<readonly Finding[]> {
  const fence = await fenceOf(session);
  const due = findings.filter((finding): finding is Due => finding.repair !== undefined);
  // Without a journal that works, it has to be mended first.
  const now = fence === undefined ? due.filter(({ path }) => isOfTree(path)) : due;
  const done = await Promise.all(
    jobsOf(survey, now).map(async (job) => ((await isMade(session, fence ?? [], job)) ? job.findings : [])),
  );
  return done.flat();
}

/** What keeps us from writing while a large change is under way; undefined where the journal is broken. */
async function fenceOf(session: UpkeepSession): Promise<readonly Operation[] | undefined> {
  try {
    await session.read(() => session.journal.clean());
    return [session.journal.fence];
  } catch (cause) {
    if (cause instanceof NsdbError && cause.fault === 'invalid') return undefined;
    throw cause;
  }
}

function isOfTree(path: string): boolean {
  return ['fixed', 'schema', 'journal'].includes(placeOf(path).kind);
}

function jobsOf(survey: Survey, findings: readonly Due[]): readonly Job[] {
  const jobs: Job[] = [];
  const byObject = new Map<string, Due[]>();
  for (const finding of findings) {
    const { edit, requires, operations, claim } = finding.repair;
    if (edit === undefined) {
      jobs.push({ findings: [finding], requires, operations, claim });
      continue;
    }
    addToList(byObject, objectPath(edit.class, edit.id), finding);
  }
  for (const ofObject of byObject.values()) jobs.push(...editing(survey, ofObject));
  return jobs;
}

/** All changes of one object's fields at once. One that another has made pointless waits for the next look. */
function editing(survey: Survey, findings: readonly Due[]): readonly Job[] {
  const edit = findings[0]?.repair.edit;
  const object = edit && survey.object(edit.class, edit.id);
  if (object?.examined.kind !== 'readable') return [];
  const { stored } = object.examined;
  let { fields } = stored.object;
  const made: Due[] = [];
  for (const finding of findings) {
    const next = finding.repair.edit?.change(fields) ?? fields;
    if (next !== fields) made.push(finding);
    fields = next;
  }
  const { path, stat } = object.node;
  const record = provenanceNode(object.class, object.id, stored.incarnation);
  const data = formatProvenance(MENDER, 'data');
  const requires = made.flatMap((finding) => finding.repair.requires);
  const operations: readonly Operation[] = [
    ...made.flatMap((finding) => finding.repair.operations),
    { kind: 'set', path, data: formatObject(stored.incarnation, fields, stored.rest), version: stat.version },
    survey.copy.at(record) === undefined ? { kind: 'create', path: record, data } : { kind: 'set', path: record, data },
  ];
  return [{ findings: made, requires, operations, claim: undefined }];
}

/** Does a job in as many requests as its size takes; whether all of it was done. */
async function isMade({ client }: UpkeepSession, fence: readonly Operation[], job: Job): Promise<boolean> {
  try {
    for (const batch of batchesOf(client, job.operations)) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- nodes go behind their children
      await client.multi([...fence, ...job.requires, ...batch]);
    }
    if (job.claim !== undefined) await client.claim(job.claim);
    return true;
  } catch (cause) {
    if (!(cause instanceof ZookeeperError)) throw cause;
    return false;
  }
}
