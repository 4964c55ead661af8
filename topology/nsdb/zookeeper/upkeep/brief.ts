import type { Json } from '../../../model/json.ts';

const LENGTH = 60;

/** A value for people, cut short. */
export function brief(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > LENGTH ? `${text.slice(0, LENGTH - 3)}...` : text;
}
