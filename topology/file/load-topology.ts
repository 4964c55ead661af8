import { bindPorts } from './build/bind-ports.ts';
import { checkGroups } from './build/check-groups.ts';
import { checkSegments } from './build/check-segments.ts';
import { declareDevices } from './build/declare-devices.ts';
import { draftOf } from './build/draft.ts';
import { fillTables } from './build/fill-tables.ts';
import { finishTopology } from './build/finish-topology.ts';
import { joinLinks } from './build/join-links.ts';
import { makeRoutes } from './build/make-routes.ts';
import { tellDanglingNames } from './build/names-in-part.ts';
import { tunnelEndsOf } from './build/tunnel-ends.ts';
import { checkShape } from './check-shape.ts';
import { asErrors, type FileProblem, type Problems } from './file-problem.ts';
import { type Located, readLocatedYaml } from './located-yaml.ts';
import { TEXT_RULES } from './text-rules.ts';
import { TOPOLOGY_FILE } from './topology-schema.ts';
import type { Topology } from './topology.ts';
import { YAML_LIMITS, type YamlLimits } from './yaml-document.ts';

export interface LoadOptions {
  /** What the file is called in errors and places. */
  readonly path: string;
  /** Takes what is lawful but odd for an error. */
  readonly strict?: boolean;
  readonly limits?: YamlLimits;
}

export type LoadResult =
  | { readonly ok: true; readonly topology: Topology; readonly warnings: readonly FileProblem[] }
  | { readonly ok: false; readonly errors: readonly FileProblem[]; readonly warnings: readonly FileProblem[] };

/**
 * Makes a topology of the text of a topology file.
 *
 * Works in stages, each only where the one before found nothing wrong: syntax, shape, meaning. So an error is told once and
 * not also by what follows from it. Where the shape is wrong in places, names of nothing are told that stand in others.
 *
 * @param text YAML 1.2; its schema is {@link TOPOLOGY_FILE}
 * @returns the topology with all that follows from the file (spec C35); else every error found, in the order of the file. Never throws
 */
export function loadTopology(text: string, options: LoadOptions): LoadResult {
  const reading = readLocatedYaml(text, options.path, options.limits ?? YAML_LIMITS);
  if (!reading.ok) return { ok: false, errors: reading.errors, warnings: [] };
  const { root, problems } = reading;
  const topology = topologyFrom(root, problems, options.path);
  const warnings = problems.warnings();
  if (topology === undefined) return { ok: false, errors: problems.errors(), warnings };
  if (options.strict === true && warnings.length > 0) return { ok: false, errors: asErrors(warnings), warnings: [] };
  return { ok: true, topology, warnings };
}

/**
 * Makes a topology of a part of a YAML document.
 *
 * @param path what the file is called in places
 * @returns undefined when there were errors, which `problems` then has
 */
export function topologyFrom(root: Located, problems: Problems, path: string): Topology | undefined {
  const shaped = checkShape(root, TOPOLOGY_FILE, problems, TEXT_RULES);
  if (!shaped.isSound) {
    if (shaped.part !== undefined) tellDanglingNames(shaped.part, shaped.faults, root, problems);
    return undefined;
  }

  const draft = draftOf(shaped.value, root, problems);
  declareDevices(draft);
  joinLinks(draft);
  bindPorts(draft);
  checkSegments(draft);
  makeRoutes(draft);
  checkGroups(draft);
  const tunnelEnds = tunnelEndsOf(draft);
  const tables = fillTables(draft);
  const topology = finishTopology(draft, tunnelEnds, tables, (offset) => ({
    path,
    ...problems.placeOf(offset),
  }));
  draft.dangling.tell();
  return problems.hasErrors ? undefined : topology;
}
