import type { ErrorCode } from 'yaml';
import type { Complaint } from './file-problem.ts';

/**
 * What a fault of YAML syntax means to whoever wrote the file.
 *
 * @param code the parser's name for the fault
 * @param message the parser's words, kept where ours say no more
 * @param text the whole file
 * @param at where the parser saw it
 */
export function explainSyntax(code: ErrorCode, message: string, text: string, at: number): Complaint {
  if (message.includes('closing "quote')) return complain('a text in double quotes does not end', 'a closing "');
  if (message.includes("closing 'quote")) return complain('a text in single quotes does not end', "a closing '");
  if (/^Flow (map|sequence) in block collection must be sufficiently indented|must end with a/.test(message)) {
    const closing = message.includes('map') ? '}' : ']';
    return complain(`a ${closing === '}' ? 'map in braces' : 'list in brackets'} does not end`, `a closing ${closing}`);
  }
  switch (code) {
    case 'TAB_AS_INDENT':
      return complain('a tab indents this line', 'spaces');
    case 'BAD_INDENT':
      return complain(
        'the indentation fits no line above',
        'the same number of spaces for all entries of a map or list',
      );
    case 'BAD_SCALAR_START':
      return complain(`a text cannot begin with ${JSON.stringify(text[at] ?? '')}`, 'quotes around it');
    case 'BLOCK_AS_IMPLICIT_KEY':
      return complain('a second ": " in one line', 'quotes around a text that has one, or a new line');
    case 'MULTILINE_IMPLICIT_KEY':
      return complain('a key runs over several lines: perhaps its ":" or a space after it is missing');
    case 'BLOCK_IN_FLOW':
      return complain('an indented block stands within { } or [ ]', 'a closing bracket before it');
    case 'BAD_DQ_ESCAPE':
      return complain(
        `unknown escape in double quotes: ${message.replace(/^Invalid escape sequence /, '')}`,
        '\\\\ for a backslash, or single quotes',
      );
    case 'TAG_RESOLVE_FAILED':
      return complain(message.replace('Unresolved tag: ', 'unknown tag '), 'values without tags');
    case 'MISSING_CHAR':
      if (message.startsWith('Implicit map keys')) return complain('a word stands alone', '":" after a key');
      if (message.startsWith('Missing , or :')) return complain('two entries without "," between them', '","');
      if (message.startsWith('Missing , between')) return complain('two entries without "," between them', '","');
      if (message.startsWith('Missing space after :')) return complain('no space after ":"', '": "');
      if (message.startsWith('Sequence item without')) return complain('an entry of a list without "- "', '"- "');
      if (message.startsWith('Comments must'))
        return complain('a comment follows without a space', 'a space before "#"');
      break;
    default:
  }
  return complain(message.charAt(0).toLowerCase() + message.slice(1));
}

function complain(what: string, expected?: string): Complaint {
  return { code: 'yaml-syntax', what, expected };
}
