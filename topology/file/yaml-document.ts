import { Composer, CST, type Document, isScalar, Lexer, type LineCounter, type ParsedNode, Parser } from 'yaml';
import { explainSyntax } from './explain-syntax.ts';
import type { Problems } from './file-problem.ts';

/** Bounds on what is read; each has an error of its own. */
export interface YamlLimits {
  /** UTF-16 units of text. */
  readonly length: number;
  /** Collections within collections. */
  readonly depth: number;
  /** Values, each alias counted with all that it stands for. */
  readonly values: number;
}

export const YAML_LIMITS: YamlLimits = { length: 64 * 2 ** 20, depth: 32, values: 2_000_000 };

/**
 * Parses the one document of a text.
 *
 * @param lines gets the lines of the text
 * @returns undefined when there is none that is sound and within the limits, which `problems` then has
 */
export function parseDocument(
  text: string,
  lines: LineCounter,
  limits: YamlLimits,
  problems: Problems,
): Document.Parsed | undefined {
  if (text.length > limits.length) {
    const what = `the file has ${text.length} characters`;
    problems.error(undefined, { code: 'too-large', what, expected: `at most ${limits.length}` });
    return undefined;
  }
  lines.addNewLine(0);
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer({ uniqueKeys: false, version: '1.2', prettyErrors: false });
  const documents: Document.Parsed[] = [];
  const compose = (tokens: ReturnType<Parser['next']>) => {
    for (const token of tokens) documents.push(...composer.next(token));
  };
  for (const lexeme of new Lexer().lex(text)) {
    compose(parser.next(lexeme));
    if (levelsOf(parser) > limits.depth) {
      problems.error(parser.stack.at(-1)?.offset, {
        code: 'too-deep',
        what: `more than ${limits.depth} levels of nesting`,
      });
      return undefined;
    }
  }
  compose(parser.end());
  documents.push(...composer.end());
  return soleDocument(documents, text, problems);
}

/** The stack has the document, the open collections, and perhaps a scalar. */
function levelsOf({ stack }: Parser): number {
  return stack.length - (CST.isCollection(stack.at(-1)) ? 1 : 2);
}

function soleDocument(
  documents: readonly Document.Parsed[],
  text: string,
  problems: Problems,
): Document.Parsed | undefined {
  const [document, second] = documents;
  const [fault] = [...(document?.errors ?? []), ...(document?.warnings ?? [])].toSorted((a, b) => a.pos[0] - b.pos[0]);
  if (fault !== undefined) {
    const { complaint, at } = explainSyntax(fault.code, fault.message, text, Math.min(fault.pos[0], text.length));
    problems.error(at, complaint);
  } else if (second !== undefined) {
    const what = 'a second document begins here';
    problems.error(second.range[0], { code: 'several-documents', what, expected: 'one document in a file' });
  } else if (document?.directives.yaml.explicit === true && document.directives.yaml.version !== '1.2') {
    problems.error(0, { code: 'yaml-version', what: 'the file says it is YAML 1.1', expected: 'YAML 1.2' });
  } else if (document === undefined || document.contents === null || isEmpty(document.contents)) {
    problems.error(undefined, { code: 'empty-file', what: 'the file is empty', expected: 'a YAML document' });
  } else {
    return document;
  }
  return undefined;
}

function isEmpty(node: ParsedNode): boolean {
  return isScalar(node) && node.value === null && (node.source ?? '') === '';
}
