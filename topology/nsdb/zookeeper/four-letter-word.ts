import { connect } from 'node:net';

/** The words that tell how a server does; each must be in its `4lw.commands.whitelist`. */
export type FourLetterWord = 'srvr' | 'mntr' | 'cons' | 'wchs' | 'dirs';

/**
 * What came of a word.
 *
 * - `answer`: the server's text
 * - `forbidden`: the server does not allow the word
 * - `not-serving`: the server is up, and has no quorum with others
 * - `silent`: there was no answer; `why` reads after "it"
 */
export type WordAnswer =
  | { readonly kind: 'answer'; readonly text: string }
  | { readonly kind: 'forbidden' | 'not-serving' }
  | { readonly kind: 'silent'; readonly why: string };

const WHY_SILENT: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'refuses connections: no server listens there'],
  ['ECONNRESET', 'broke the connection'],
  ['ENOTFOUND', 'has a name that is not known'],
  ['EAI_AGAIN', 'has a name that cannot be looked up now'],
  ['EHOSTUNREACH', 'cannot be reached: there is no way to its host'],
  ['ENETUNREACH', 'cannot be reached: there is no way to its network'],
  ['ETIMEDOUT', 'cannot be reached: its host does not answer'],
]);

/**
 * Sends a word to a server's client port, and reads until the server closes the connection. No credentials are needed.
 *
 * @param server `host:port`
 * @param patience in milliseconds, for all of it
 * @returns never rejects
 * @see ZooKeeper Administrator's Guide, "The Four Letter Words"
 */
export function askServer(server: string, word: FourLetterWord, patience: number): Promise<WordAnswer> {
  const at = server.lastIndexOf(':');
  return new Promise((resolve) => {
    let text = '';
    let hasConnected = false;
    const socket = connect({ host: server.slice(0, at), port: Number(server.slice(at + 1)) });
    const end = (answer: WordAnswer) => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(answer);
    };
    const deadline = setTimeout(() => {
      const what = hasConnected ? 'takes connections, and gives no answer' : 'takes no connection';
      end({ kind: 'silent', why: `${what} within ${patience} ms` });
    }, patience);
    socket.on('connect', () => {
      hasConnected = true;
      socket.write(word);
    });
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      end({ kind: 'silent', why: WHY_SILENT.get(error.code ?? '') ?? `cannot be reached: ${error.message}` });
    });
    socket.on('close', () => end(answerOf(text)));
  });
}

function answerOf(text: string): WordAnswer {
  if (text === '') return { kind: 'silent', why: 'closes connections without a word: perhaps it expects TLS' };
  if (/^\w{4} is not executed because it is not in the whitelist/.test(text)) return { kind: 'forbidden' };
  if (text.startsWith('This ZooKeeper instance is not currently serving requests')) return { kind: 'not-serving' };
  return { kind: 'answer', text };
}
