import { deepEqual, equal } from 'node:assert/strict';
import { ANN, arpFrame, BOB, icmpEcho, ip, mac, udpFrame } from '../simulation/packets.ts';
import { BROADCAST_MAC } from '../../topology/model/mac.ts';
import { Network } from './network.ts';

const ONE_BRIDGE = 'bridges: { b: { ports: { p1: , p2: , p3: } } }';
const datagram = { src: ip`10.0.0.1`, dst: ip`10.0.0.2` };

describe('a bridge in a network', () => {
  it('floods what it does not know, then forwards where the station was heard', async () => {
    const network = await Network.of(ONE_BRIDGE, { traced: true });
    const first = await network.send('b:p1', udpFrame(datagram));
    deepEqual([first.end, first.to], ['forwarded', ['b:p2', 'b:p3']]);
    const back = await network.send('b:p2', udpFrame({ ...datagram, ethSrc: BOB, ethDst: ANN }));
    deepEqual(back.to, ['b:p1']);
    const again = await network.send('b:p1', udpFrame(datagram));
    deepEqual(again.to, ['b:p2']);
    await network.close();
  });
});
