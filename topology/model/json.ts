/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. Its members are never undefined: what is absent is absent. */
export interface JsonObject {
  readonly [name: string]: Json;
}
