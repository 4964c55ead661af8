import { styleText } from 'node:util';

/** What `--color` may say. */
export type ColourChoice = 'auto' | 'always' | 'never';

/** Marks stretches of text by what they mean; plain text comes back as it was. */
export interface Paint {
  readonly plain: (text: string) => string;
  /** Went through, holds, adds up. */
  readonly good: (text: string) => string;
  /** Dropped, failed. */
  readonly bad: (text: string) => string;
  /** Waits, gave up, odd but lawful. */
  readonly warn: (text: string) => string;
  /** What the eye shall find first. */
  readonly strong: (text: string) => string;
  /** What is there for whoever looks closely. */
  readonly quiet: (text: string) => string;
}

const same = (text: string): string => text;

export const PLAIN: Paint = { plain: same, good: same, bad: same, warn: same, strong: same, quiet: same };

export const COLOURED: Paint = {
  plain: same,
  good: (text) => style('green', text),
  bad: (text) => style('red', text),
  warn: (text) => style('yellow', text),
  strong: (text) => style('bold', text),
  quiet: (text) => style('dim', text),
};

/**
 * Whether output is coloured: `--color` decides; else NO_COLOR (not empty) forbids, CLICOLOR_FORCE (not empty, not `0`) demands;
 * else a terminal that is not `dumb` gets colours.
 *
 * @see https://no-color.org, https://bixense.com/clicolors
 */
export function paintFor(
  choice: ColourChoice,
  isTerminal: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): Paint {
  return wantsColour(choice, isTerminal, environment) ? COLOURED : PLAIN;
}

function wantsColour(
  choice: ColourChoice,
  isTerminal: boolean,
  { NO_COLOR: no = '', CLICOLOR_FORCE: force = '', TERM: terminal = '' }: Readonly<Record<string, string | undefined>>,
): boolean {
  if (choice !== 'auto') return choice === 'always';
  if (no !== '') return false;
  if (force !== '' && force !== '0') return true;
  return isTerminal && terminal !== 'dumb';
}

/** Whether the decision is ours, not `styleText`'s: newer Nodes would ask the terminal again. */
function style(format: 'green' | 'red' | 'yellow' | 'bold' | 'dim', text: string): string {
  return text === '' ? '' : styleText(format, text, { validateStream: false });
}
