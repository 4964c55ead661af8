import { Command, Option } from 'commander';
import { Trouble } from './trouble.ts';

/** A command of ours: complains in one line, and says where help is. */
export class TroupeCommand extends Command {
  override createCommand(name: string): TroupeCommand {
    return new TroupeCommand(name);
  }

  /** The names that lead here: `troupe topology show`. */
  get fullName(): string {
    return this.parent instanceof TroupeCommand ? `${this.parent.fullName} ${this.name()}` : this.name();
  }

  /** What commander calls when the command line is wrong. */
  override error(message: string): never {
    const [what = '', hint] = message.replace(/^error: /, '').split('\n');
    const meant = hint === undefined ? '' : `; ${hint.replace(/^\(D(.*)\?\)$/, 'd$1?')}`;
    throw new Trouble(`${what.replaceAll("'", '"')}${meant} (${this.fullName} --help tells more)`);
  }

  /** Puts lines of use under the help: what to type, and what it does. */
  examples(...examples: readonly (readonly [line: string, what: string])[]): this {
    const width = Math.max(...examples.map(([line]) => line.length));
    const lines = examples.map(([line, what]) => `  ${line.padEnd(width)}  ${what}`);
    return this.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
  }

  /** `-o`: the forms that this command's results can have, the usual one first. */
  forms(forms: readonly [string, ...string[]]): this {
    return this.addOption(new Option('-o, --output <form>', 'form of the result').choices(forms).default(forms[0]));
  }
}
