import type { Look } from './render/look.ts';
import type { Settings } from './settings/settings.ts';

/** What surrounds a command: all it may write to, and all it knows besides its own arguments. */
export interface Shell {
  /** Writes results. What programs read goes here, and nothing else. */
  readonly out: (text: string) => void;
  /** Writes messages: what is wrong, what is under way. */
  readonly err: (text: string) => void;
  /** How results look, when they are for people. */
  readonly look: Look;
  /** How messages look. */
  readonly errLook: Look;
  /** Asked to say nothing but results and what is wrong. */
  readonly quiet: boolean;
  /** Asks the user something, and answers with what is typed; undefined where nothing is. Absent where nobody sits before us. */
  readonly ask: ((question: string) => Promise<string | undefined>) | undefined;
  readonly settings: Settings;
  /**
   * Raised when the user interrupts. Long work ends as soon as it sees it, and answers `EXIT.interrupted` or throws; what is open is closed
   * as usual. Work that was done all the same ends as if nothing had come.
   */
  readonly signal: AbortSignal;
}
