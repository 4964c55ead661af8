import type { ClassName } from '../../../topology/model/bindings.ts';
import type { JsonObject } from '../../../topology/model/json.ts';
import type { EnsembleVerdict } from '../../../topology/nsdb/zookeeper/ensemble-status.ts';
import type { ServerFigures, ServerRole } from '../../../topology/nsdb/zookeeper/server-status.ts';
import type { FindingKind } from '../../../topology/nsdb/zookeeper/upkeep/finding.ts';

// What `troupe nsdb` says to programs. Times are in ISO 8601, transactions and sessions in hexadecimal.

/** `status -o json`. */
export interface StatusOutput {
  readonly version: 1;
  readonly verdict: EnsembleVerdict;
  readonly size: number;
  readonly needed: number;
  readonly serving: number;
  readonly leader: string | null;
  readonly sentence: string;
  readonly problems: readonly string[];
  readonly notes: readonly string[];
  readonly servers: readonly ServerOutput[];
}

export type ServerOutput = ServingOutput | NotServingOutput | SilentOutput;

export interface ServingOutput extends Omit<ServerFigures, 'zxid'> {
  readonly server: string;
  readonly forbidden: readonly string[];
  readonly kind: 'serving';
  readonly role: ServerRole | null;
  readonly zxid?: string;
  readonly lag?: number | 'an epoch';
}

export interface NotServingOutput {
  readonly server: string;
  readonly forbidden: readonly string[];
  readonly kind: 'not-serving';
}

export interface SilentOutput {
  readonly server: string;
  readonly forbidden: readonly string[];
  readonly kind: 'silent';
  readonly why: string;
}

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

/** `tree -o json`. */
export interface TreeOutput {
  readonly version: 1;
  readonly root: string;
  readonly nodes: readonly TreeLine[];
}

/** A node: a line of `tree -o ndjson`. */
export type TreeLine = OpenLine | ClosedLine;

export interface OpenLine {
  readonly path: string;
  readonly name: string | undefined;
  readonly bytes: number;
  readonly version: number;
  readonly children: number;
  readonly created: string;
  readonly modified: string;
  readonly session: string | undefined;
  readonly rights: string | undefined;
  readonly stranger: string | undefined;
}

export interface ClosedLine {
  readonly path: string;
  readonly closed: true;
}

/** A change of an object: a line of `watch -o ndjson`. */
export interface WatchLine {
  readonly version: 1;
  readonly at: string;
  readonly change: 'made' | 'changed' | 'removed';
  readonly class: ClassName;
  readonly id: string;
  readonly name: string | undefined;
  readonly by: string | undefined;
  readonly before: JsonObject | undefined;
  readonly fields: JsonObject | undefined;
}
