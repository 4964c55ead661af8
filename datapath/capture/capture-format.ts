import { CaptureError } from './capture-error.ts';
import type { CaptureInterface } from './capture-interface.ts';
import type { CapturedFrame } from './captured-frame.ts';
import { isPcapMagic, PcapDecoder } from './pcap-format.ts';
import { BLOCK } from './pcapng-block.ts';
import { PcapngDecoder } from './pcapng-format.ts';
import type { FrameDecoder } from './piece-decoder.ts';

const MAGIC = 4;

/** Files that people take for captures we can read, by their first four bytes. */
const RELATIVES: ReadonlyMap<number, string> = new Map([
  [0xa1b2_cd34, 'a modified pcap file (extra fields in each record)'],
  [0x34cd_b2a1, 'a modified pcap file (extra fields in each record)'],
  [0x1c00_01ac, 'a modified pcap file (IXIA hardware)'],
  [0xac01_001c, 'a modified pcap file (IXIA hardware)'],
  [0x1c00_01ab, 'a modified pcap file (IXIA software)'],
  [0xab01_001c, 'a modified pcap file (IXIA software)'],
  [0x736e_6f6f, 'a snoop file'],
  [0x28b5_2ffd, 'compressed by zstd'],
  [0x0422_4d18, 'compressed by lz4'],
]);

/** Decodes a capture file of either format, which its first four bytes tell, handed over in pieces of any size. */
export class CaptureDecoder implements FrameDecoder {
  #decoder: FrameDecoder | undefined;
  /** The first bytes, as long as they are too few to tell. */
  #start: Uint8Array = new Uint8Array(0);

  get interfaces(): readonly CaptureInterface[] {
    return this.#decoder?.interfaces ?? [];
  }

  push(piece: Uint8Array): readonly CapturedFrame[] {
    if (this.#decoder !== undefined) return this.#decoder.push(piece);
    const start = this.#start.length === 0 ? piece : Buffer.concat([this.#start, piece]);
    this.#start = start;
    if (start.length < MAGIC) return [];
    this.#decoder = decoderFor(new DataView(start.buffer, start.byteOffset).getUint32(0));
    return this.#decoder.push(start);
  }

  end(): void {
    if (this.#decoder !== undefined) return this.#decoder.end();
    if (this.#start.length === 0) throw new CaptureError('empty', 0, 'the file is empty');
    throw new CaptureError('not-a-capture', 0, 'this is neither pcap nor pcapng');
  }
}

function decoderFor(magic: number): FrameDecoder {
  if (magic === BLOCK.section) return new PcapngDecoder();
  if (isPcapMagic(magic)) return new PcapDecoder();
  const relative = magic >>> 16 === 0x1f8b ? 'compressed by gzip' : RELATIVES.get(magic);
  if (relative === undefined) throw new CaptureError('not-a-capture', 0, 'this is neither pcap nor pcapng');
  throw new CaptureError('unsupported-format', 0, `${relative}: pcap or pcapng is wanted`);
}
