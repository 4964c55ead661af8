/** What the end of a command says to whoever called it. The numbers are published and never change. */
export const EXIT = {
  fine: 0,
  /** An expectation of a scenario was not met, or a check found something. */
  unexpected: 1,
  /** The input, or the way we were called, is wrong: whoever calls can mend it. */
  badInput: 2,
  /** The world failed us: no server, no permission, no space. */
  worldFailed: 3,
  /** An error of our own (EX_SOFTWARE of BSD's sysexits). */
  ownFault: 70,
  /** Interrupted, as a shell tells it: 128 + SIGINT. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
