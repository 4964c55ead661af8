import { deepEqual } from 'node:assert/strict';
import { Directory } from '../../actors/directory.ts';
import { PathTexts } from '../../actors/path-texts.ts';
import { parseUuid, type Uuid } from '../../topology/model/ids.ts';

function idOf(n: number): Uuid {
  const id = parseUuid(`00000000-0000-4000-8000-00000000000${n}`);
  if (id === undefined) throw new TypeError(String(n));
  return id;
}

describe('the ways of flows in words', () => {
  it('name each device, and who decided there when that was another', () => {
    const directory = new Directory();
    for (const [n, name] of ['web:web-1', 'edge', 'edge route'].entries()) directory.call(idOf(n), name);
    deepEqual(new PathTexts(directory).ofFlow(7, [1, 0, 2, 3]), ['web:web-1 > edge by edge route']);
  });

  it('follow when something gets another name', () => {
    const directory = new Directory();
    const texts = new PathTexts(directory);
    const path = [directory.deviceOf(idOf(1)), 0];
    directory.call(idOf(1), 'web');
    const before = texts.ofFlow(7, path);
    directory.call(idOf(1), 'shop');
    deepEqual([before, texts.ofFlow(7, path)], [['web'], ['shop']]);
  });

  it('are those of the path, whichever had its number before', () => {
    const directory = new Directory();
    const texts = new PathTexts(directory);
    for (const [n, name] of ['web', 'shop'].entries()) directory.call(idOf(n), name);
    deepEqual(
      [
        [1, 0],
        [1, 0, 2, 0],
        [2, 0],
        [1, 0],
      ].map((path) => texts.ofFlow(7, path)),
      [['web'], ['web > shop'], ['shop'], ['web']],
    );
  });
});
