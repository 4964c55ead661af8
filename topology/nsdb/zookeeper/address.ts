import type { Credentials } from './client/client-options.ts';

/** Where a database is, and as whom it is opened. */
export interface ZookeeperAddress {
  /** `host:port,host:port`. */
  readonly servers: string;
  /** The node that everything is under: `/troupe`. */
  readonly root: string;
  readonly credentials: Credentials;
}

const PORT = 2181;
const URL_FORM = /^zookeeper:\/\/([^/@:]+):([^/@]+)@([^/@]+)((?:\/[\w.-]+)*)\/?$/;

/**
 * Reads `zookeeper://user:password@host:port,host:port/root`. Ports are 2181 and the root is `/troupe` where nothing is said; user and
 * password are percent-encoded where they hold what a URL does not.
 *
 * @returns undefined if the text is anything else
 */
export function parseZookeeperUrl(text: string): ZookeeperAddress | undefined {
  const [, user = '', password = '', hosts = '', root = ''] = URL_FORM.exec(text) ?? [];
  if (user === '' || root.split('/').some((part) => part === '.' || part === '..')) return undefined;
  const servers = hosts.split(',').map((host) => (/:\d+$/.test(host) ? host : `${host}:${PORT}`));
  if (!servers.every((server) => /^[\w.-]+:\d+$/.test(server) && isPort(server.slice(server.indexOf(':') + 1))))
    return undefined;
  try {
    const credentials = { user: decodeURIComponent(user), password: decodeURIComponent(password) };
    return { servers: servers.join(','), root: root === '' ? '/troupe' : root, credentials };
  } catch {
    return undefined;
  }
}

function isPort(text: string): boolean {
  const port = Number(text);
  return port >= 1 && port <= 65_535;
}
