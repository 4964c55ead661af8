import { extract } from '../simulation/packet/extract.ts';
import { Layers, type Frame } from '../simulation/packet/frame.ts';
import { newKeyWords } from '../simulation/packet/key-words.ts';
import { portIdOf, type PortId } from '../topology/model/ids.ts';

const NO_PORT = portIdOf(0);

/** A frame with the places of its headers and its key, out of its bytes. */
export function frameOf(
  bytes: Uint8Array,
  wireLength = bytes.length,
  port: PortId = NO_PORT,
): Frame & { readonly words: Uint32Array } {
  const words = newKeyWords();
  const layers = new Layers();
  extract(bytes, bytes.length, wireLength, port, words, layers);
  return { bytes, wireLength, layers, words };
}
