import { isNoPermission } from '../answer-error.ts';
import type { NodeRight } from '../client/node.ts';
import { closed, mend, type Finding } from './finding.ts';
import type { TreeCopy } from './tree-copy.ts';
import type { UpkeepSession } from './upkeep-session.ts';

const PERMISSIONS = ['read', 'write', 'create', 'delete', 'administer'] as const;

/** Looks who may do what with each node. That is no part of the copy: ZooKeeper tells nobody when it changes. */
export async function checkRights(session: UpkeepSession, copy: TreeCopy): Promise<readonly Finding[]> {
  const own = JSON.stringify([session.client.ownRight]);
  const findings = await Promise.all(
    [...copy.nodes.keys()].map(async (path): Promise<Finding | undefined> => {
      const rights = await rightsOf(session, path);
      if (rights === 'closed') return closed(path);
      if (rights === undefined || JSON.stringify(rights) === own) return undefined;
      return {
        kind: 'rights',
        path,
        what: `is not for these credentials alone: ${formatRights(rights)}`,
        repair: mend('takes it from all others', { claim: path }),
        rests: [path],
      };
    }),
  );
  return findings.filter((finding) => finding !== undefined);
}

/** Who may do what with a node; undefined where there is none any more, `closed` where we may not know. */
export async function rightsOf(
  session: UpkeepSession,
  path: string,
): Promise<readonly NodeRight[] | 'closed' | undefined> {
  try {
    return (await session.read((client) => client.rights(path))).value?.rights;
  } catch (cause) {
    if (isNoPermission(cause)) return 'closed';
    throw cause;
  }
}

/** Rights for people: `anyone may read, write; digest:ann may read`. A digest is told without what could be guessed from it. */
export function formatRights(rights: readonly NodeRight[]): string {
  return rights.map(formatRight).join('; ');
}

function formatRight({ scheme, id, permissions }: NodeRight): string {
  const who = scheme === 'world' ? 'anyone' : `${scheme}:${scheme === 'digest' ? (id.split(':')[0] ?? '') : id}`;
  const what = PERMISSIONS.filter((_, bit) => (permissions & (1 << bit)) !== 0);
  return `${who} may ${what.length === PERMISSIONS.length ? 'do anything' : what.join(', ')}`;
}
