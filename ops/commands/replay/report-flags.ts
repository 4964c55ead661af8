import { extname, resolve } from 'node:path';
import { REPORT_FORMS, type ReportForm } from '../../report/report-form.ts';
import { Trouble } from '../../trouble.ts';

const FORM_OF_ENDING: Readonly<Record<string, ReportForm>> = { '.xml': 'junit', '.json': 'json', '.txt': 'text' };

/** What `--report` asks for. */
export interface Reports {
  /** What is said on standard output; undefined: what `-o` says. */
  readonly output: ReportForm | undefined;
  readonly files: readonly ReportFile[];
}

interface ReportFile {
  readonly form: ReportForm;
  readonly path: string;
}

/**
 * Reads what stands behind each `--report`: `junit=out.xml`, a file whose ending says the form, or a form alone, which is for standard
 * output.
 *
 * @param taken another file that the command writes, by its flag
 * @throws Trouble when a form is unknown, or two are to go to the same place
 */
export function reportsOf(
  words: readonly string[],
  taken: { readonly flag: string; readonly path: string }[],
): Reports {
  const places = new Map(taken.map(({ flag, path }) => [resolve(path), `${flag} ${path}`]));
  const files: ReportFile[] = [];
  let output: ReportForm | undefined;
  for (const word of words) {
    const flag = `--report ${word}`;
    const form = REPORT_FORMS.find((each) => each === word);
    if (form !== undefined) {
      if (output !== undefined) {
        throw new Trouble(
          `--report ${output} and ${flag}: standard output takes one; give the other a file: ${word}=FILE`,
        );
      }
      output = form;
      continue;
    }
    const file = fileOf(word);
    if (file === undefined) {
      const forms = REPORT_FORMS.join(', ');
      throw new Trouble(`${flag}: expected a form (${forms}), FORM=FILE, or a name that ends in .xml, .json or .txt`);
    }
    const place = resolve(file.path);
    const other = places.get(place);
    if (other !== undefined) throw new Trouble(`${other} and ${flag}: both would write the same file`);
    places.set(place, flag);
    files.push(file);
  }
  return { output, files };
}

/** The file that a word names; undefined when it does not say the form. */
function fileOf(word: string): ReportFile | undefined {
  const [prefix = '', path = ''] = splitOnce(word);
  const said = REPORT_FORMS.find((each) => each === prefix);
  if (said !== undefined) return path === '' ? undefined : { form: said, path };
  const form = FORM_OF_ENDING[extname(word)];
  return form && { form, path: word };
}

/** The texts before and behind the first `=`. */
function splitOnce(word: string): readonly string[] {
  const at = word.indexOf('=');
  return at < 0 ? [] : [word.slice(0, at), word.slice(at + 1)];
}
