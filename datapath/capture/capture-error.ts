/** What is wrong with a capture file. */
export type CaptureFault =
  | 'empty' // no byte at all: not even a file header
  | 'not-a-capture'
  | 'unsupported-format' // a known relative of the two formats, or a compressed file
  | 'unsupported-version'
  | 'link-type' // a pcap file of something else than Ethernet
  | 'oversized-record' // a frame longer than any capture may have
  | 'oversized-block'
  | 'bad-block-length'
  | 'bad-byte-order'
  | 'bad-option'
  | 'bad-timestamp'
  | 'no-such-interface'
  | 'too-many-interfaces'
  | 'cut-short';

/** Faults of a file as a whole: nothing of it can be sound, whatever follows. */
const OF_THE_WHOLE: ReadonlySet<CaptureFault> = new Set([
  'empty',
  'not-a-capture',
  'unsupported-format',
  'unsupported-version',
  'link-type',
  'bad-byte-order',
]);

/** A capture that cannot be read further. `offset` is the byte of the file at which it stops making sense. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
  readonly fault: CaptureFault;
  readonly offset: number;
  /** The same in words, without place. */
  readonly detail: string;
  readonly path: string | undefined;

  constructor(fault: CaptureFault, offset: number, detail: string, path?: string) {
    super(`${path === undefined ? '' : `${path}: `}${detail}, at byte ${offset}`);
    this.fault = fault;
    this.offset = offset;
    this.detail = detail;
    this.path = path;
  }

  /** Whether the file is refused, rather than read up to where it breaks. */
  get isRefusal(): boolean {
    return OF_THE_WHOLE.has(this.fault);
  }

  /** The same error, told of a file by name. */
  in(path: string): CaptureError {
    return new CaptureError(this.fault, this.offset, this.detail, path);
  }
}
