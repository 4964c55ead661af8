/** Prints a line for each output of an eventful run, with the digest of its octets: for another process, time zone or Node. */
import { eventful } from '../../actors/eventful.ts';
import { outputsOf } from './outputs-of.ts';

console.log((await outputsOf(eventful())).join('\n'));
