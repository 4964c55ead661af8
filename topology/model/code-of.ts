/** The code of an error of Node or of the system, such as `ENOENT`; undefined for any other. */
export function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}
