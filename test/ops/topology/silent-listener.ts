import type { ApplyListener } from '../../../ops/topology/apply.ts';

/** Agrees to every plan, and says nothing. */
export const SILENT: ApplyListener = {
  waiting: () => {},
  planned: () => {},
  agreed: () => Promise.resolve(true),
  done: () => {},
};
