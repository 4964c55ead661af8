import type { Draft } from './draft.ts';

/** Checks that the port groups that ports name are there. */
export function checkGroups(draft: Draft): void {
  const groups = draft.file.portGroups ?? {};
  for (const { spec, path } of draft.allPorts) {
    for (const [index, name] of (spec.groups ?? []).entries()) {
      if (Object.hasOwn(groups, name)) continue;
      const at = draft.source.valueAt([...path, 'groups', index]);
      draft.dangling.note('port group', name, at, () => Object.keys(groups));
    }
  }
}
