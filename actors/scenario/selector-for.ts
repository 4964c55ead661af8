import type { CapturedFrame } from '../../datapath/capture/captured-frame.ts';
import type { CaptureInterface } from '../../datapath/capture/capture-interface.ts';
import { readMac } from '../../simulation/packet/arp.ts';
import { IP_SRC } from '../../simulation/packet/fields.ts';
import { WORD } from '../../simulation/packet/key-layout.ts';
import { ipv4Of, isInside } from '../../topology/model/ipv4.ts';
import type { Input, Selector } from './scenario.ts';

/**
 * The selector that takes a frame of a capture: the first that does; undefined when none.
 *
 * @param words the frame's key; needed when there are selectors
 */
export function selectorFor(
  { selectors }: Input,
  frame: CapturedFrame,
  words: Uint32Array | undefined,
  interfaces: readonly CaptureInterface[],
): Selector | undefined {
  for (const selector of selectors) {
    if (words !== undefined && takes(selector, frame, words, interfaces)) return selector;
  }
  return undefined;
}

function takes(
  { interface: wanted, mac, address, filter }: Selector,
  frame: CapturedFrame,
  words: Uint32Array,
  interfaces: readonly CaptureInterface[],
): boolean {
  if (wanted !== undefined) {
    const name = interfaces[frame.interfaceIndex]?.name;
    if (name !== wanted && String(frame.interfaceIndex) !== wanted) return false;
  }
  if (mac !== undefined && readMac(frame.bytes, 6) !== mac) return false;
  if (address !== undefined) {
    const hasSource = ((words[WORD.present] ?? 0) & ownBit(IP_SRC)) !== 0;
    if (!hasSource || !isInside(ipv4Of(words[WORD.ipSrc] ?? 0), address)) return false;
  }
  return filter === undefined || filter.takes(words);
}

function ownBit(field: number): number {
  return 1 << (31 - Math.clz32(field));
}
