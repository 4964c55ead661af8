import type { Frame } from './frame.ts';
export function describeFrame(frame: Frame): string { return `${frame.bytes.length} bytes`; }
