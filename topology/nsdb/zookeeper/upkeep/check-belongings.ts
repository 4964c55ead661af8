import type { Uuid } from '../../../model/ids.ts';
import { objectPath } from '../../paths.ts';
import type { Operation } from '../client/operation.ts';
import { parseState } from '../journal-state.ts';
import { formatProvenance } from '../records.ts';
import { JOURNAL, provenanceNode } from '../tree.ts';
import { MENDER } from './check-nodes.ts';
import { mend, type Finding, type Repair } from './finding.ts';
import type { Incarnated, NodePlace } from './node-place.ts';
import type { Survey } from './survey.ts';
import type { NodeCopy } from './tree-copy.ts';

/** How old a part of a large change is that its writer has forgotten, in milliseconds. */
const FORGOTTEN = 60_000;

/** Looks whether what belongs to an object has one, and each object has what belongs to it. */
export function* checkBelongings(survey: Survey, now: number): Iterable<Finding> {
  const { copy } = survey;
  for (const { class: cls, id, node, examined } of survey.objects) {
    if (examined.kind !== 'readable') continue;
    const path = provenanceNode(cls, id, examined.stored.incarnation);
    if (copy.at(path) !== undefined || copy.closed.has(path)) continue;
    const creation: Operation = { kind: 'create', path, data: formatProvenance(MENDER, 'data') };
    yield {
      kind: 'missing',
      path,
      what: `is missing: without the record of who wrote it, ${cls} ${id} cannot be written`,
      repair: mend('makes it', { requires: survey.unchanged(cls, id), operations: [creation] }),
      rests: [path, node.path],
    };
  }
  for (const node of copy.nodes.values()) {
    const finding = checkNode(survey, node, node.place, now);
    if (finding !== undefined) yield finding;
  }
}

function checkNode(survey: Survey, node: NodeCopy, place: NodePlace, now: number): Finding | undefined {
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- all others belong to nobody
  switch (place.kind) {
    case 'provenance':
      return ownerless(survey, node, place, 'is the record of who wrote');
    case 'table-owner':
      return ownerless(survey, node, place, 'holds the tables of');
    case 'state-object':
      return survey.isAbandoned(place.namespace) ? undefined : ownerless(survey, node, place, 'holds state of');
    case 'state-namespace':
      return checkNamespace(survey, node, place.namespace);
    case 'journal-part':
      return checkPart(survey, node, place.change, now);
    default:
      return undefined;
  }
}

function ownerless(survey: Survey, node: NodeCopy, owner: Incarnated, what: string): Finding | undefined {
  if (!survey.isGone(owner)) return undefined;
  const { class: cls, id } = owner;
  const since = survey.exists(cls, id) ? 'was deleted, and made anew' : 'was deleted';
  const repair = mend(deletes(survey, node), {
    requires: survey.unchanged(cls, id),
    operations: survey.deletion(node.path),
  });
  return leftover(survey, node, `${what} ${cls} ${id}, which ${since}`, repair, objectPath(cls, id));
}

function checkNamespace(survey: Survey, node: NodeCopy, namespace: Uuid): Finding | undefined {
  if (!survey.isAbandoned(namespace)) return undefined;
  const repair = mend(deletes(survey, node), {
    requires: survey.unchanged('Host', namespace),
    operations: survey.deletion(node.path),
  });
  const what = `holds state in the name of Host ${namespace}, which was deleted`;
  return leftover(survey, node, what, repair, objectPath('Host', namespace));
}

/** A part of a large change that was written down, and never came to count: its writer has died. */
function checkPart(survey: Survey, node: NodeCopy, change: string, now: number): Finding | undefined {
  const journal = survey.copy.at(JOURNAL);
  const state = journal?.data && parseState({ data: journal.data, stat: journal.stat });
  if (state === undefined || state.state === 'unreadable') return undefined;
  if (state.state !== 'clean' && state.id === change) return undefined;
  if (now - node.stat.createdAt < FORGOTTEN) return undefined; // it may be about to count
  return leftover(
    survey,
    node,
    'is a part of a large change that was never made',
    mend('deletes it', { operations: survey.deletion(node.path) }),
    JOURNAL,
  );
}

function leftover(survey: Survey, { path }: NodeCopy, what: string, repair: Repair, because: string): Finding {
  return {
    kind: 'leftover',
    path,
    what,
    repair,
    rests: [because, ...survey.copy.below(path).map((node) => node.path)],
  };
}

function deletes({ copy }: Survey, { path }: NodeCopy): string {
  const { length } = copy.below(path);
  return length === 1 ? 'deletes it' : `deletes it, and ${length - 1} under it`;
}
