import { equal } from 'node:assert/strict';
import { describe, it } from 'mocha';
import { didYouMean } from '../../../topology/file/did-you-mean.ts';

describe('A misspelt word', () => {
  const known = ['address', 'mac', 'up', 'bind', 'link', 'web-1', 'web-2', 'tunnelZones'];

  it('brings to mind the word with a letter changed, left out, added or swapped', () => {
    equal(didYouMean('adress', known), 'address');
    equal(didYouMean('addrress', known), 'address');
    equal(didYouMean('lnik', known), 'link');
    equal(didYouMean('lint', known), 'link');
  });

  it('brings to mind the word that differs in case and separators alone', () => {
    equal(didYouMean('tunnel_zones', known), 'tunnelZones');
    equal(didYouMean('WEB2', known), 'web-2');
  });

  it('brings to mind the nearest of several, and of equally near ones the first', () => {
    equal(didYouMean('web-22', known), 'web-2');
    equal(didYouMean('web-3', known), 'web-1');
  });

  it('brings nothing to mind that is mostly something else', () => {
    equal(didYouMean('colour', known), undefined);
    equal(didYouMean('x', known), undefined);
    equal(didYouMean('', known), undefined);
    equal(didYouMean('mac', ['mac']), undefined);
  });
});
