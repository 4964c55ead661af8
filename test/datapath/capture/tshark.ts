import { execFileSync } from 'node:child_process';

/** What a program prints; what it says about trouble is passed over. */
function outputOf(program: string, args: readonly string[]): string {
  return execFileSync(program, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    env: { ...process.env, TZ: 'UTC' },
  });
}

function has(program: string): boolean {
  try {
    return outputOf(program, ['--version']) !== '';
  } catch {
    return false;
  }
}

const present = has('tshark') && has('capinfos');

/**
 * A test that needs Wireshark's own programs. Where they are absent it is pending, and its title says why: the
 * reader of a test report must not take it for passed.
 */
export function itWithTshark(title: string, test: () => Promise<void> | void): void {
  if (present) it(title, test).timeout(30_000).slow(5000);
  else it(`NOT CHECKED, tshark is not installed: ${title}`);
}

/** Fields of the frames of a file as tshark sees them: a row for each frame; a field that occurs twice has its values joined by `|`. */
export function tsharkFields(path: string, fields: readonly string[]): readonly (readonly string[])[] {
  const wanted = fields.flatMap((field) => ['-e', field]);
  const how = ['-n', '-r', path, '-T', 'fields', '-E', 'occurrence=a', '-E', 'aggregator=|'];
  return outputOf('tshark', [...how, ...wanted])
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'));
}

/** What capinfos says of files. */
export function capinfos(args: readonly string[]): string {
  return outputOf('capinfos', args);
}
