import { equal } from 'node:assert/strict';
import { assert, property, string } from 'fast-check';
import { decodeName, encodeName } from '../../../topology/nsdb/paths.ts';
import { entryName, parseEntryName } from '../../../topology/nsdb/table-entry.ts';

describe('the name of a node', () => {
  it('says any text in what ZooKeeper allows, and no two texts alike', () => {
    assert(
      property(string({ unit: 'grapheme', maxLength: 20 }), (text) => {
        const name = encodeName(text);
        equal(/[/,\p{Cc}\ud800-\uf8ff\ufff0-\uffff]/u.test(name), false);
        equal(name === '.' || name === '..', false);
        equal(decodeName(name), text);
      }),
    );
  });

  it('leaves alone what needs no escape', () => {
    equal(encodeName('02:00:00:00:00:01'), '02:00:00:00:00:01');
    equal(encodeName('10.0.0.1'), '10.0.0.1');
  });

  it('escapes what would be a path of its own', () => {
    equal(encodeName('..'), '%2E%2E');
    equal(encodeName('10.0.0.0/8'), '10.0.0.0%2F8');
  });

  it('is not read where it was written otherwise', () => {
    for (const name of ['%2f', '%41', 'a,b', '%', '%ff', '..', 'a/b']) equal(decodeName(name), undefined, name);
  });

  it('of a table entry is its key, value and version', () => {
    const entry = { key: 'a,b', value: '1/2', version: 7 };
    equal(entryName(entry), 'a%2Cb,1%2F2,0000000007');
    equal(parseEntryName('a,b,7'), undefined);
    equal(parseEntryName('a,b,c,0000000007'), undefined);
    equal(JSON.stringify(parseEntryName(entryName(entry))), JSON.stringify(entry));
  });
});
