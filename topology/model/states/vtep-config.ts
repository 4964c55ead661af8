import { IP_ADDRESS } from '../schema/fields.ts';
import { list, open, text } from '../schema/json-schema.ts';

/** What a hardware VTEP says of itself (spec 70 §7). */
export const VTEP_CONFIG_STATE = open(
  { name: text('a text', ''), description: text('a text', ''), tunnelIps: list(IP_ADDRESS) },
  {},
  { title: "a VTEP's description of itself" },
);
