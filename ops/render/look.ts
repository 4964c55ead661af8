import { PLAIN, paintFor, type ColourChoice, type Paint } from './colour.ts';

/** The signs of a drawing. */
export interface Signs {
  readonly to: string;
  readonly good: string;
  readonly bad: string;
  readonly wait: string;
  readonly made: string;
  readonly fork: string;
  readonly lastFork: string;
  readonly along: string;
  readonly ellipsis: string;
  readonly times: string;
}

export const UNICODE: Signs = {
  to: '→',
  good: '✓',
  bad: '✗',
  wait: '◷',
  made: '+',
  fork: '├─ ',
  lastFork: '└─ ',
  along: '│  ',
  ellipsis: '…',
  times: '×',
};

export const ASCII: Signs = {
  to: '->',
  good: 'ok',
  bad: 'X',
  wait: '..',
  made: '+',
  fork: '|- ',
  lastFork: '`- ',
  along: '|  ',
  ellipsis: '...',
  times: 'x',
};

/** How output for people looks: its colours, its signs, and how wide it may be. */
export interface Look {
  readonly paint: Paint;
  readonly signs: Signs;
  /** Columns of the terminal; undefined when the output is no terminal: then nothing is cut short. */
  readonly width: number | undefined;
}

/** Output for a file, a pipe, a golden test: no colours, nothing cut short. */
export const PLAIN_LOOK: Look = { paint: PLAIN, signs: UNICODE, width: undefined };

/** The look that fits a stream and an environment. ASCII signs where the locale is set, and is not UTF-8. */
export function lookFor(
  choice: ColourChoice,
  stream: { readonly isTTY?: boolean | undefined; readonly columns?: number | undefined },
  environment: Readonly<Record<string, string | undefined>>,
): Look {
  const isTerminal = stream.isTTY === true;
  return {
    paint: paintFor(choice, isTerminal, environment),
    signs: isUtf8(environment) ? UNICODE : ASCII,
    // Some terminals say that they have no columns at all: they do not know.
    width: isTerminal && stream.columns !== 0 ? stream.columns : undefined,
  };
}

/** The first of LC_ALL, LC_CTYPE and LANG that is set tells, as POSIX has it; where none is, UTF-8 is what is meant today. */
function isUtf8(environment: Readonly<Record<string, string | undefined>>): boolean {
  const locale = [environment['LC_ALL'], environment['LC_CTYPE'], environment['LANG']].find(
    (value) => value !== undefined && value !== '',
  );
  return locale === undefined || /utf-?8/i.test(locale);
}
