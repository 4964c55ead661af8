import { deepEqual, equal } from 'node:assert/strict';
import { describe, it } from 'mocha';
import { checkShape } from '../../../topology/file/check-shape.ts';
import { formatProblem } from '../../../topology/file/file-problem.ts';
import { keyPlace, locate, readLocatedYaml } from '../../../topology/file/located-yaml.ts';
import {
  closed,
  either,
  flag,
  list,
  mapping,
  orNothing,
  type Schema,
  schemaOf,
  text,
  whole,
} from '../../../topology/model/schema/json-schema.ts';

describe('A located YAML document', () => {
  const reading = readLocatedYaml('a:\n  - x\n  - { b: 7 }\n', 'f.yaml');

  it('knows where its keys and values stand', () => {
    if (!reading.ok) throw new Error('unreadable');
    const placed = (offset: number | undefined) => (offset === undefined ? undefined : reading.problems.placed(offset));
    equal(placed(keyPlace(reading.root, ['a'])), '1:1');
    equal(placed(keyPlace(reading.root, ['a', 1])), '3:5');
    equal(placed(keyPlace(reading.root, ['a', 1, 'b'])), '3:7');
    equal(placed(locate(reading.root, ['a', 1, 'b'])?.at), '3:10');
    equal(locate(reading.root, ['a', 2]), undefined);
    equal(locate(reading.root, ['a', 1, 'b', 'c']), undefined);
  });

  it('keeps the words of YAML 1.2: no is a word, 1.10 as a key is not 1.1', () => {
    const words = readLocatedYaml('no: on\n1.10: 010\n', 'f.yaml');
    if (!words.ok) throw new Error('unreadable');
    deepEqual(locate(words.root, ['no']), { kind: 'scalar', at: 4, value: 'on', text: 'on' });
    deepEqual(locate(words.root, ['1.10']), { kind: 'scalar', at: 13, value: 10, text: '010' });
  });
});

describe('The shape of a document', () => {
  const port = closed({ at: whole(0, 9) }, { up: flag(), tags: list(text('a tag', '^[a-z]+$')) }, { title: 'a port' });

  it('is given as plain data when it is as it should be', () => {
    const ports = mapping(text('a name', '^\\w+$'), orNothing(port), { title: 'a map of ports' });
    deepEqual(check('p: { at: 1, up: false, tags: [x, y] }\nq:\n', ports), {
      p: { at: 1, up: false, tags: ['x', 'y'] },
      q: null,
    });
  });

  it('tells all that is not, and nothing twice', () => {
    deepEqual(check('{ att: 1, up: 1, tags: [A, b, 2] }', port), [
      'f:1:3: a port has no "att", expected one of at, up, tags; did you mean "at"?',
      'f:1:15: "up" is the number 1, expected true or false',
      'f:1:25: "tags", entry 1, is "A", expected a tag',
      'f:1:31: "tags", entry 3, is the number 2, expected a tag',
    ]);
    deepEqual(check('{ at: 10 }', port), ['f:1:7: "at" is 10, expected a whole number from 0 to 9']);
    deepEqual(check('{}', port), ['f:1:1: the file has no "at", expected "at": a whole number from 0 to 9']);
    deepEqual(check('{ at: 1.5 }', port), ['f:1:7: "at" is the number 1.5, expected a whole number from 0 to 9']);
  });

  it('tells an aliased fault once, where the anchor is', () => {
    deepEqual(check('- &x { at: no }\n- *x\n- *x\n', list(port)), [
      'f:1:12: "at" is the text "no", expected a whole number from 0 to 9',
    ]);
  });

  it('is, among several, the one of the value\u2019s type', () => {
    const choice = either([port, text('a tag', '^[a-z]+$')]);
    deepEqual(check('tag', choice), 'tag');
    deepEqual(check('{ at: 3 }', choice), { at: 3 });
    deepEqual(check('TAG', choice), ['f:1:1: "TAG" is not a tag']);
    deepEqual(check('{ at: x }', choice), ['f:1:7: "at" is the text "x", expected a whole number from 0 to 9']);
    deepEqual(check('[]', choice), ['f:1:1: the file is a list, expected a port or a tag']);
  });

  it('may have any key where the schema is silent', () => {
    deepEqual(check('{ a: { b: [1] } }', schemaOf({ type: 'object', properties: {} })), { a: { b: [1] } });
  });
});

function check(yaml: string, schema: Schema<unknown>): unknown {
  const reading = readLocatedYaml(yaml, 'f');
  if (!reading.ok) return reading.errors.map(formatProblem);
  const shaped = checkShape(reading.root, schema, reading.problems);
  equal(shaped.isSound, !reading.problems.hasErrors);
  return shaped.isSound ? shaped.value : reading.problems.errors().map(formatProblem);
}
