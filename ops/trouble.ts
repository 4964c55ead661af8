import { EXIT, type ExitCode } from './exit-code.ts';

/** Trouble that ends a command: told in one line of what, where and what to do, without a stack. */
export class Trouble extends Error {
  override readonly name = 'Trouble';
  readonly exitCode: ExitCode;

  /** @param message says what and where, and what to do when that is not plain */
  constructor(message: string, exitCode: ExitCode = EXIT.badInput, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** Ends a command whose trouble has been told already. */
export class TroubleTold extends Error {
  override readonly name = 'TroubleTold';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode) {
    super('what is wrong has been told');
    this.exitCode = exitCode;
  }
}
