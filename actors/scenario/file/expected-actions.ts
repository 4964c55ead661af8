import type { FilePath } from '../scenario.ts';
import type { ScenarioDraft } from './scenario-draft.ts';

/** Actions of an expected flow as traces print them: `output` names its port in full, and no other action names one. */
export function actionsOf(draft: ScenarioDraft, actions: readonly string[], path: FilePath): readonly string[] {
  return actions.map((action, index) => {
    const port = /^output\((.*)\)$/.exec(action)?.[1];
    const id = port === undefined ? undefined : draft.port(port, draft.at([...path, index]));
    return id === undefined ? action : `output(${draft.nameOf(id)})`;
  });
}
