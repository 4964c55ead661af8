import { type Instant, instantOf } from '../../topology/model/time.ts';

/** A duration with units, as a pattern of a schema. */
export const DURATION_PATTERN = '^((\\d+(\\.\\d+)?)(h|m|s|ms|us|ns))+$';

const NANOS: Readonly<Record<string, number>> = { h: 3.6e12, m: 6e10, s: 1e9, ms: 1e6, us: 1e3, ns: 1 };

/** Reads a duration that its schema has admitted: seconds as a number, or text such as `1m30s`, `250ms`. To the nanosecond. */
export function durationOf(duration: number | string): Instant {
  if (typeof duration === 'number') return fromSeconds(duration);
  let seconds = 0;
  let nanos = 0;
  for (const [, number = '', unit = ''] of duration.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|ns|m|s)/g)) {
    const each = NANOS[unit] ?? 0;
    const whole = Math.floor(Number(number));
    const rest = Math.round((Number(number) - whole) * each);
    const most = Math.floor((whole * each) / 1e9);
    seconds += most;
    nanos += whole * each - most * 1e9 + rest;
  }
  return instantOf(seconds, nanos);
}

/** Reads a duration as a command line has it: seconds, or text with units; undefined if the text is anything else. */
export function parseDuration(text: string): Instant | undefined {
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return durationOf(Number(text));
  return new RegExp(DURATION_PATTERN).test(text) ? durationOf(text) : undefined;
}

/** A duration as files have it: `1.5s`, `250ms`, `100us`; `0` for none. */
export function formatDuration({ seconds, nanos }: Instant): string {
  if (seconds === 0 && nanos === 0) return '0';
  if (seconds === 0) {
    const [unit, size] =
      nanos >= 1e6 ? (['ms', 1e6] as const) : nanos >= 1e3 ? (['us', 1e3] as const) : (['ns', 1] as const);
    return `${nanos / size}${unit}`;
  }
  const fraction = String(nanos).padStart(9, '0').replace(/0+$/, '');
  return `${seconds}${fraction === '' ? '' : `.${fraction}`}s`;
}

/** Seconds with a fraction: at most nine digits of it count. */
function fromSeconds(value: number): Instant {
  const seconds = Math.floor(value);
  return instantOf(seconds, Math.round((value - seconds) * 1e9));
}
