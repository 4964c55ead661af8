import { isEmpty } from '../../../topology/nsdb/plan/plan.ts';
import { count } from '../../render/count.ts';
import { countsOf, formatPlan } from '../../render/plan-text.ts';
import type { Shell } from '../../shell.ts';
import type { NamedPlan } from '../../topology/named-plan.ts';

/**
 * Shows a plan to people, and sums it up.
 *
 * @param others how many objects there are besides that the file does not have, and that stay
 */
export function tellPlan(named: NamedPlan, shell: Shell, others = 0): void {
  const { out, look, quiet } = shell;
  out(formatPlan(named, look));
  const counts = countsOf(named);
  const parts = [
    counts.create === 0 ? '' : look.paint.good(`${counts.create} to create`),
    counts.change === 0 ? '' : look.paint.warn(`${counts.change} to change`),
    counts.delete === 0 ? '' : look.paint.bad(`${counts.delete} to delete`),
  ].filter((part) => part !== '');
  out(`${isEmpty(named.plan) ? 'Nothing to do' : parts.join(', ')}\n`);
  if (others > 0 && !quiet)
    out(`${count(others, 'object')} that the file does not have: left alone; --prune deletes\n`);
}
