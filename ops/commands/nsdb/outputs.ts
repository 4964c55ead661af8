import type { FindingKind } from '../../../topology/nsdb/zookeeper/upkeep/finding.ts';

// What `troupe nsdb` says to programs. Times are in ISO 8601, transactions and sessions in hexadecimal.

/** `check -o json`. */
export interface CheckOutput {
  readonly version: 1;
  readonly clean: boolean;
  readonly zxid: string;
  readonly nodes: number;
  readonly objects: number;
  readonly unsettled: number;
  readonly findings: readonly FindingOutput[];
  readonly mended: readonly FindingOutput[];
}

export interface FindingOutput {
  readonly kind: FindingKind;
  readonly path: string;
  readonly name: string | undefined;
  readonly what: string;
  readonly repair: { readonly what: string; readonly loss: boolean } | undefined;
}
