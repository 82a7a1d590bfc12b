import { expect, test } from 'vitest';
import { DecodeError, type Endpoint, SeededRandom } from '../../../../core/index.ts';
import { BehaviourDiscovery } from '../../../../nat/behaviour/discovery.ts';
import { ATTRIBUTE, decodeStun, StunWriter } from '../../../../nat/stun/index.ts';

const SERVER = { address: '198.51.100.1', port: 3478 };
const LOCALS = [4000, 4001, 4002].map((port) => ({ address: '10.0.0.2', port }));
const MAPPED = { address: '203.0.113.7', port: 6000 };

/** @returns to which addresses questions go, where the server names `other` as its other address */
function askedBy(other: Endpoint): ReadonlySet<string> {
  const discovery = new BehaviourDiscovery(0, {
    random: new SeededRandom(1),
    servers: [SERVER],
    locals: LOCALS,
  });
  const asked = new Set<string>();
  for (let now = 0; now < 60_000 && !discovery.isDone; now += 100) {
    for (const { socket, bytes, remote } of discovery.takeDatagrams(now)) {
      asked.add(remote.address);
      const request = decodeStun(bytes);
      if (remote.address !== SERVER.address || request instanceof DecodeError) continue;
      const { method, transactionId } = request;
      const answer = new StunWriter({ method, class: 'success', transactionId })
        .xorAddress(ATTRIBUTE.xorMappedAddress, MAPPED)
        .address(ATTRIBUTE.otherAddress, other)
        .finish();
      discovery.handleDatagram(now, socket, { bytes: answer, source: remote });
    }
    discovery.handleTimeout(now);
  }
  return asked;
}

test('the other address of a server is asked', () => {
  expect(askedBy({ address: '198.51.100.2', port: 3479 })).toContain('198.51.100.2');
});

test.each(['127.0.0.1', '10.0.0.1', '169.254.169.254', '224.0.0.1', '0.0.0.0'])(
  'a server on the internet does not send us to %s',
  (address) => {
    expect(askedBy({ address, port: 3479 })).not.toContain(address);
  },
);
