import type { Sequence } from '../nsdb.ts';
import { NsdbError } from '../nsdb-error.ts';
import { sequencePath } from '../paths.ts';
import { writeFenced } from './fenced.ts';
import type { Link } from './link.ts';
import { isOvertaken } from './places.ts';

/** The first number of each counter (spec 10 §4). */
const SEEDS: Readonly<Record<Sequence, number>> = {
  overlay_tunnel_key: 1,
  vxgw_tunnel_key: 10_000,
  fip64_tunnel_key: 1,
};
const ATTEMPTS = 10;

/** Draws the next number of a shared counter: the node holds the one to be given next. */
export async function nextOf(link: Link, sequence: Sequence): Promise<number> {
  const path = sequencePath(sequence);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    /* oxlint-disable eslint/no-await-in-loop -- an attempt follows on the failure of the one before */
    const { value: node } = await link.read((client) => client.data(path));
    const number = node === undefined ? SEEDS[sequence] : parseCounter(node.data);
    if (number === undefined) throw new NsdbError('invalid', `${path} holds no number: mend it`);
    const data = Buffer.from(String(number + 1));
    try {
      await writeFenced(link, [
        node === undefined ? { kind: 'create', path, data } : { kind: 'set', path, data, version: node.stat.version },
      ]);
      return number;
    } catch (cause) {
      if (!isOvertaken(cause)) throw cause;
    }
    /* oxlint-enable eslint/no-await-in-loop */
  }
  throw new NsdbError('concurrent-modification', `${sequence} was drawn from by others ${ATTEMPTS} times. Try again`);
}

/** Whether this program knows a sequence by that name. */
export function isSequence(name: string): name is Sequence {
  return name in SEEDS;
}

/** The number that a counter's node holds; undefined where it holds anything else. */
export function parseCounter(data: Buffer): number | undefined {
  const text = data.toString('utf8', 0, 20);
  return data.length < 17 && /^\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}
