import { deepEqual, equal, match } from 'node:assert/strict';
import { ensembleStatusFrom, lagOf } from '../../../topology/nsdb/zookeeper/ensemble-status.ts';
import type { FourLetterWord, WordAnswer } from '../../../topology/nsdb/zookeeper/four-letter-word.ts';
import { statusFrom, type ServerStatus } from '../../../topology/nsdb/zookeeper/server-status.ts';
import { formatZxid } from '../../../topology/nsdb/zookeeper/zxid.ts';

// As a server of ZooKeeper 3.9.4 tells it.
const SRVR = `Zookeeper version: 3.9.4-7246445ec281f3dbf53dc54e970c914f39713903, built on 2025-08-19 19:53 UTC
Latency min/avg/max: 0/0.4/12
Received: 3
Sent: 2
Connections: 4
Outstanding: 1
Zxid: 0x100000014
Mode: leader
Proposal sizes last/min/max: 32/32/5120
Node count: 121
`;
const MNTR = `zk_version\t3.9.4-7246445ec281f3dbf53dc54e970c914f39713903, built on 2025-08-19 19:53 UTC
zk_server_state\tleader
zk_uptime\t93784000
zk_quorum_size\t3
zk_synced_followers\t2
zk_avg_fsynctime\t4.25
zk_max_fsynctime\t8
`;
const CONS = ` /127.0.0.1:35776[0](queued=0,recved=1,sent=0)
 /127.0.0.1:35774[1](queued=0,recved=9,sent=9,sid=0x3000018f2b70000,lop=PING,est=1763711000000,to=30000,lcxid=0x5)
 /127.0.0.1:35775[1](queued=0,recved=9,sent=9,sid=0x3000018f2b70001,lop=PING,est=1763711000000,to=30000,lcxid=0x5)
`;

const answers = (change: Partial<Record<FourLetterWord, WordAnswer>> = {}): Map<FourLetterWord, WordAnswer> =>
  new Map<FourLetterWord, WordAnswer>(
    Object.entries({
      srvr: { kind: 'answer', text: SRVR },
      mntr: { kind: 'answer', text: MNTR },
      cons: { kind: 'answer', text: CONS },
      wchs: { kind: 'answer', text: '2 connections watching 34 paths\nTotal watches:36\n' },
      dirs: { kind: 'answer', text: 'datadir_size: 67109498\nlogdir_size: 67109498\n' },
      ...change,
    }) as [FourLetterWord, WordAnswer][],
  );

const serving = (server: string, text = SRVR.replace('leader', 'follower'), size = 3): ServerStatus =>
  statusFrom(
    server,
    answers({ srvr: { kind: 'answer', text }, mntr: { kind: 'answer', text: `zk_quorum_size\t${size}\n` } }),
  );
const alone = (server: string) => serving(server, SRVR.replace('leader', 'standalone'));
const at = (zxid: string) => serving('zk-1:2181', SRVR.replace('leader', 'follower').replace('0x100000014', zxid));
const leader = statusFrom('zk-2:2181', answers());
const dead: ServerStatus = { server: 'zk-3:2181', forbidden: [], kind: 'silent', why: 'refuses connections' };

describe('what a ZooKeeper server tells of itself', () => {
  it('is read from the answers to five words', () => {
    deepEqual(leader, {
      server: 'zk-2:2181',
      forbidden: [],
      kind: 'serving',
      role: 'leader',
      figures: {
        version: '3.9.4',
        latency: { min: 0, avg: 0.4, max: 12 },
        connections: 4,
        sessions: 2,
        outstanding: 1,
        watches: 36,
        nodes: 121,
        zxid: { epoch: 1, counter: 20 },
        fsync: { avg: 4.25, max: 8 },
        dataBytes: 67_109_498,
        logBytes: 67_109_498,
        uptime: 93_784_000,
        quorumSize: 3,
        syncedFollowers: 2,
      },
    });
    equal(formatZxid({ epoch: 1, counter: 20 }), '0x100000014');
    equal(formatZxid({ epoch: 0, counter: 0 }), '0x0');
  });

  it('is less where words are not allowed: these are named, and the role is taken from another', () => {
    const forbidden = { kind: 'forbidden' } as const;
    const status = statusFrom(
      'zk-1:2181',
      answers({ srvr: forbidden, cons: forbidden, dirs: forbidden, wchs: forbidden }),
    );
    deepEqual(
      [status.forbidden, status.kind === 'serving' && status.role],
      [['srvr', 'cons', 'wchs', 'dirs'], 'leader'],
    );
    const { notes, verdict } = ensembleStatusFrom([status]);
    equal(verdict, 'fine');
    match(notes.join('\n'), /zk-1:2181: to see all, allow srvr, cons, wchs, dirs there \(4lw.commands.whitelist/);
  });
});

describe('an ensemble', () => {
  it('is fine when all serve', () => {
    const status = ensembleStatusFrom([serving('zk-1:2181'), leader, serving('zk-3:2181')]);
    deepEqual([status.verdict, status.problems, status.notes], ['fine', [], []]);
    equal(status.sentence, '3 of 3 serve, leader zk-2:2181: fine; 1 more may fail');
  });

  it('is degraded when one of three is down', () => {
    const status = ensembleStatusFrom([serving('zk-1:2181'), leader, dead]);
    deepEqual([status.verdict, status.serving, status.needed], ['degraded', 2, 2]);
    match(status.sentence, /^2 of 3 serve, leader zk-2:2181: a quorum, but something is wrong; none more may fail$/);
  });

  it('is degraded when a server that the address does not name is out of step', () => {
    const behind = statusFrom(
      'zk-2:2181',
      answers({ mntr: { kind: 'answer', text: MNTR.replace('followers\t2', 'followers\t1') } }),
    );
    const status = ensembleStatusFrom([serving('zk-1:2181'), behind]);
    deepEqual([status.verdict, status.problems], ['degraded', ['the leader has 1 of 2 followers in step']]);
    match(status.notes.join(), /the ensemble has 3 servers, and the address names 2: name all/);
  });

  it('has no quorum when fewer serve than are needed, be one of them a leader yet', () => {
    const lone: ServerStatus = { server: 'zk-1:2181', forbidden: [], kind: 'not-serving' };
    equal(ensembleStatusFrom([lone, leader, dead]).verdict, 'no-quorum');
    const { verdict, sentence } = ensembleStatusFrom([lone, dead, { ...dead, server: 'zk-2:2181' }]);
    equal(verdict, 'no-quorum');
    match(sentence, /^0 of 3 serve: no quorum, for which 2 are needed\. The database is read only/);
  });

  it('has a quorum of its members, when the address names others as well', () => {
    const strangers = ['zk-4:2181', 'zk-5:2181'].map((server) => ({ ...dead, server }));
    const status = ensembleStatusFrom([serving('zk-1:2181'), leader, ...strangers]);
    equal(status.verdict, 'degraded');
    match(status.sentence, /^2 of 4 serve, leader zk-2:2181: a quorum, but something is wrong; none more may fail/);
    deepEqual(status.notes, ['3 servers vote, and the address names 4: the others only listen, or are no members']);
  });

  it('of an even number of servers is told so, with the reason', () => {
    const four = ['zk-1:2181', 'zk-2:2181', 'zk-3:2181', 'zk-4:2181'];
    const status = ensembleStatusFrom(four.map((server) => serving(server, undefined, 4)));
    equal(status.verdict, 'fine');
    deepEqual(status.notes, [
      '4 servers survive no more failures than 3, and fail more often: add one, or take one away',
    ]);
  });

  it('is none where servers are alone that are named together', () => {
    const status = ensembleStatusFrom([alone('zk-1:2181'), alone('zk-2:2181')]);
    equal(status.verdict, 'degraded');
    match(status.problems.join(), /lead each for itself: they share no data/);
  });

  it('has servers that lag: by transactions, or by an epoch where they have none of the present leader', () => {
    const status = ensembleStatusFrom([leader]);
    deepEqual(
      ['0x100000014', '0x10000000a', '0x100000015', '0xf'].map((zxid) => lagOf(at(zxid), status)),
      [0, 10, 0, 'an epoch'],
    );
    equal(lagOf(leader, status), undefined);
    equal(lagOf(dead, status), undefined);
  });
});
