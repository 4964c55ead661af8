import { deepEqual } from 'node:assert/strict';
import { millisOf } from '../../../topology/model/time.ts';
import { formatConnection } from '../../../topology/nsdb/format-connection.ts';

describe('how a handle stands, in words', () => {
  it('says whether it can be written, and if not, since when and why', () => {
    const since = millisOf(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
    const words = [
      formatConnection({ kind: 'connected', session: '1' }),
      formatConnection({ kind: 'suspended', since }),
      formatConnection({ kind: 'expired', since }),
      formatConnection({ kind: 'suspended', since, isBehind: true }),
      formatConnection({ kind: 'expired', since, isBehind: true }),
      formatConnection({ kind: 'closed' }),
    ];
    deepEqual(words, [
      'connected',
      'read only, since 2026-01-02T03:04:05.678Z: no server answers',
      'read only: the session ended at 2026-01-02T03:04:05.678Z, with all it owned, and no server answers',
      "read only, since 2026-01-02T03:04:05.678Z: the server's data are older than what was seen",
      "read only: the session ended at 2026-01-02T03:04:05.678Z, with all it owned, and the server's data are older than what was seen",
      'closed',
    ]);
  });
});
