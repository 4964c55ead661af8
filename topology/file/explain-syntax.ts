import type { ErrorCode } from 'yaml';
import type { Complaint } from './file-problem.ts';

/** What is wrong, and where to say so. */
export interface Explanation {
  readonly complaint: Complaint;
  readonly at: number;
}

type Words = readonly [what: string, expected?: string];

/**
 * What a fault of YAML syntax means to whoever wrote the file.
 *
 * @param code the parser's name for the fault
 * @param message the parser's words, kept where ours say no more
 * @param text the whole file
 * @param at where the parser saw it
 */
export function explainSyntax(code: ErrorCode, message: string, text: string, at: number): Explanation {
  const begun = BY_MESSAGE.find(([part]) => message.includes(part));
  const [what, expected] = begun?.[1] ?? BY_CODE.get(code) ?? wordsFor(code, message, text.charAt(at));
  return {
    complaint: { code: 'yaml-syntax', what, expected },
    at: begun === undefined ? at : beginning(message, text, at),
  };
}

/** A quote that is never closed is best seen where it opens: it is the last one in the file. */
function beginning(message: string, text: string, at: number): number {
  const quote = message.endsWith('"quote') ? '"' : message.endsWith("'quote") ? "'" : undefined;
  if (quote === undefined) return at;
  let opening = text.lastIndexOf(quote, at - 1);
  while (opening > 0 && text[opening - 1] === '\\') opening = text.lastIndexOf(quote, opening - 1);
  return opening < 0 ? at : opening;
}

const BY_MESSAGE: readonly (readonly [part: string, words: Words])[] = [
  ['closing "quote', ['a text in double quotes does not end', 'a closing "']],
  ["closing 'quote", ['a text in single quotes does not end', "a closing '"]],
  ['Flow map in block', ['a map in braces does not end', 'a closing } before here']],
  ['Flow sequence in block', ['a list in brackets does not end', 'a closing ] before here']],
  ['flow map must end', ['a map in braces does not end', 'a closing } before here']],
  ['flow sequence must end', ['a list in brackets does not end', 'a closing ] before here']],
  ['Implicit map keys need to be followed', ['a word stands alone', 'a key with ":" after it']],
  ['Missing , ', ['two entries without "," between them', '","']],
  ['Missing space after :', ['no space after ":"', '": "']],
  ['Sequence item without', ['an entry of a list without "- "', '"- "']],
  ['Comments must be separated', ['no space before the comment', 'a space before "#"']],
];

const BY_CODE: ReadonlyMap<ErrorCode, Words> = new Map<ErrorCode, Words>([
  ['TAB_AS_INDENT', ['a tab indents this line', 'spaces']],
  ['BAD_INDENT', ['the indentation fits no line above', 'entries of one map or list in one column']],
  ['BLOCK_AS_IMPLICIT_KEY', ['a second ": " on this line', 'quotes around a text that has one, or a new line']],
  ['MULTILINE_IMPLICIT_KEY', ['this and what follows are read as one key', 'a key with ": " after it, on one line']],
  ['BLOCK_IN_FLOW', ['a new key begins within an entry of { } or [ ]', 'a "," or a closing bracket before it']],
]);

function wordsFor(code: ErrorCode, message: string, character: string): Words {
  if (code === 'BAD_SCALAR_START') return [`a text cannot begin with ${JSON.stringify(character)}`, 'quotes around it'];
  if (code === 'TAG_RESOLVE_FAILED')
    return [message.replace('Unresolved tag: ', 'unknown tag '), 'values without tags'];
  if (code === 'BAD_DQ_ESCAPE') {
    return [message.replace(/^Invalid/, 'unknown').replace('sequence ', ''), '\\\\ for a backslash, or single quotes'];
  }
  return [message.charAt(0).toLowerCase() + message.slice(1)];
}
