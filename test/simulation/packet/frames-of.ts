import { readCapture } from '../../../datapath/capture/capture-file.ts';
import type { Frame } from '../../../simulation/packet/frame.ts';
import { capturePath, KNOWN } from '../../captures/known.ts';
import { frameOf } from '../packets.ts';

/** The captures of Ethernet frames that can be read to their end. */
export const READABLE: readonly string[] = Object.entries(KNOWN)
  .filter(([, known]) => 'frames' in known)
  .map(([name]) => name);

/** The frames of a capture, each a copy. */
export async function framesOf(name: string): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const batch of readCapture(capturePath(name))) {
    for (const { bytes, wireLength } of batch) frames.push(frameOf(Uint8Array.from(bytes), wireLength));
  }
  return frames;
}
