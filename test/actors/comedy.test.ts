import { deepEqual, equal, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { Stage } from '../../actors/comedy.ts';
import { MailboxFull, type Ref } from '../../actors/mailbox.ts';

interface Noting {
  note(what: string): void;
}

describe('the stage', () => {
  const troubles: string[] = [];
  let stage: Stage;
  beforeEach(() => {
    troubles.length = 0;
    stage = new Stage((actor, topic, cause) => void troubles.push(`${actor} ${topic} ${(cause as Error).message}`));
  });
  afterEach(() => stage.close());

  it('hands an actor its messages one at a time, in the order in which they were told', async () => {
    const heard: number[] = [];
    let depth = 0;
    const ref = await stage.start('counter', {
      note(n: number) {
        equal(depth++, 0);
        heard.push(n);
        if (n === 1) ref.tell('note', 4);
        depth--;
      },
    });
    for (const n of [1, 2, 3]) ref.tell('note', n);
    deepEqual(heard, []); // never from within a tell
    await stage.whenIdle();
    deepEqual(heard, [1, 2, 3, 4]);
  });

  it('keeps the order of a flood, and of what is told while it lasts', async () => {
    const heard: number[] = [];
    const ref = await stage.start('counter', {
      note(n: number) {
        heard.push(n);
        if (n < 1000) ref.tell('note', n + 5000);
      },
    });
    for (let n = 0; n < 5000; n++) ref.tell('note', n);
    await stage.whenIdle();
    ref.tell('note', 6000);
    await stage.whenIdle();
    deepEqual(
      heard,
      Array.from({ length: 6001 }, (_, n) => n),
    );
  });

  it('refuses what does not fit into a mailbox, and says whose it was', async () => {
    const heard: string[] = [];
    const ref = await stage.start<Noting>('small', { note: (what) => void heard.push(what) }, { limit: 2 });
    deepEqual(
      ['a', 'b', 'c'].map((what) => ref.tell('note', what)),
      [true, true, false],
    );
    await stage.whenIdle();
    deepEqual([heard, troubles], [['a', 'b'], ['small note the mailbox of small is full (2)']]);
    equal(ref.tell('note', 'd'), true);
    ok(new MailboxFull('') instanceof Error);
  });

  it('tells the supervisor what a handler threw, and goes on with the next message', async () => {
    const heard: string[] = [];
    const ref = await stage.start<Noting>('weak', {
      note(what) {
        if (what === 'bad') throw new Error('too much');
        heard.push(what);
      },
    });
    for (const what of ['bad', 'good']) ref.tell('note', what);
    await stage.whenIdle();
    deepEqual([heard, troubles], [['good'], ['weak note too much']]);
  });

  it('gives the event loop its turn though two actors talk for ever', async () => {
    let told = 0;
    let isOver = false;
    const refs: Ref<Noting>[] = [];
    for (const other of [1, 0]) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- two of them
      const ref = await stage.start<Noting>(`talker ${other}`, {
        note: (what) => {
          told++;
          if (!isOver) refs[other]?.tell('note', what);
        },
      });
      refs.push(ref);
    }
    refs[0]?.tell('note', 'and so on');
    const seen = await new Promise<number>((resolve) => setTimeout(() => resolve(told), 5));
    ok(seen > 0);
    equal(stage.idle, false);
    isOver = true;
    await stage.whenIdle();
    equal(stage.idle, true);
  });

  it('is idle when all that was told, and all that came of it, has been handled', async () => {
    let left = 3000;
    const ref: Ref<Noting> = await stage.start<Noting>('self', {
      note: (what) => {
        if (--left > 0) ref.tell('note', what);
      },
    });
    equal(stage.idle, true);
    await stage.whenIdle();
    ref.tell('note', 'x');
    equal(stage.idle, false);
    await stage.whenIdle();
    equal(left, 0);
  });

  it('ends an actor when what waits at it has been handled, and its children with it', async () => {
    const heard: string[] = [];
    const parent = await stage.start<Noting>('parent', { note: (what) => void heard.push(what) });
    const child = await stage.start<Noting>('child', { note: () => {} }, { parent });
    await stage.start<Noting>('grandchild', { note: () => {} }, { parent: child });
    await stage.start<Noting>('other', { note: () => {} });
    equal(stage.size, 4);
    parent.tell('note', 'last words');
    await stage.stop(parent);
    deepEqual([heard, stage.size], [['last words'], 1]);
    await stage.stop(parent); // once is enough
  });

  it('leaves no signal handlers behind, and lets the process end when it is closed', () => {
    const script = `
      import { Stage } from ${JSON.stringify(new URL('../../actors/comedy.js', import.meta.url).href)};
      const stage = new Stage(() => {});
      const ref = await stage.start('one', { note() {} });
      ref.tell('note', 1);
      await stage.whenIdle();
      console.log(process.listenerCount('SIGINT') + process.listenerCount('SIGTERM'));
      await stage.close();
    `;
    const { stdout, status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    deepEqual([stdout, status, stderr], ['0\n', 0, '']);
  }).timeout(20_000);
});
