import { beforeEach, describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../../core/index.ts';
import { type Probe, Prober } from '../../../../nat/behaviour/prober.ts';
import { ATTRIBUTE, answerTo, changeRequestOf, responsePortOf } from '../../../../nat/index.ts';
import { CLIENT, decoded, SERVER } from '../stun/samples.ts';

const OTHER = { address: '198.51.100.2', port: 3479 };

let prober: Prober<string>;
beforeEach(() => {
  prober = new Prober(new SeededRandom(1));
});

function ask(options: Partial<Probe<string>> = {}): Uint8Array {
  prober.ask(0, { name: 'where', socket: 0, remote: SERVER, ...options });
  return prober.takeDatagrams(0)[0]?.bytes ?? new Uint8Array(0);
}

function success(request: Uint8Array): Uint8Array {
  const answer = answerTo(decoded(request), 'success').xorAddress(ATTRIBUTE.xorMappedAddress, CLIENT);
  return answer.address(ATTRIBUTE.otherAddress, OTHER).finish();
}

test('an answer tells where we come from, where the server is besides, and how far it is', () => {
  prober.handleDatagram(30, 0, { bytes: success(ask()), source: SERVER });
  expect(prober.answer('where')).toEqual({
    ...{ type: 'answered', mapped: CLIENT, otherAddress: OTHER, roundTripMs: 30 },
  });
  expect(prober.mapped('where')).toEqual(CLIENT);
  expect(prober.pendingCount).toBe(0);
});

test('the request says from where and where to the answer is to come', () => {
  const request = decoded(ask({ change: { address: true, port: false }, responsePort: 5000 }));
  expect(changeRequestOf(request)).toEqual({ address: true, port: false });
  expect(responsePortOf(request)).toBe(5000);
});

describe('an answer counts at the socket that it was asked to alone', () => {
  test.each([
    { name: 'the one that asked', probe: {}, socket: 0, isAnswered: true },
    { name: 'another', probe: {}, socket: 1, isAnswered: false },
    { name: 'the one it was asked to', probe: { arrivesAt: 1 }, socket: 1, isAnswered: true },
    { name: 'the one that asked for another', probe: { arrivesAt: 1 }, socket: 0, isAnswered: false },
  ])('$name: $isAnswered', ({ probe, socket, isAnswered }) => {
    prober.handleDatagram(0, socket, { bytes: success(ask(probe)), source: SERVER });
    expect(prober.isAnswered('where')).toBe(isAnswered);
    expect(prober.pendingCount).toBe(isAnswered ? 0 : 1);
  });
});

test('a refusal is told from silence', () => {
  const request = decoded(ask());
  prober.handleDatagram(0, 0, { bytes: answerTo(request, 'error').error(420, '').finish(), source: SERVER });
  expect(prober.answer('where')).toEqual({ type: 'refused', code: 420 });
  ask({ name: 'nobody', requestCount: 1 });
  prober.handleTimeout(8000);
  expect(prober.answer('nobody')).toEqual({ type: 'silent' });
});

test('our own request is known by its transaction where it comes in again, and nobody else’s is', () => {
  const own = ask();
  const foreign = Uint8Array.from(own);
  foreign[19] = (foreign[19] ?? 0) ^ 1;
  expect(prober.handleDatagram(0, 1, { bytes: own, source: CLIENT })).toBe('where');
  expect(prober.handleDatagram(0, 1, { bytes: foreign, source: CLIENT })).toBeUndefined();
  expect(prober.handleDatagram(0, 1, { bytes: new Uint8Array(3), source: CLIENT })).toBeUndefined();
});

test('a question that is asked again forgets its answer, and the one before it', () => {
  const first = ask();
  prober.handleDatagram(0, 0, { bytes: success(first), source: SERVER });
  const second = ask();
  expect(prober.answer('where')).toBeUndefined();
  ask();
  prober.handleDatagram(0, 0, { bytes: success(second), source: SERVER });
  expect(prober.answer('where')).toBeUndefined();
  expect(prober.pendingCount).toBe(1);
});

test('the age of a mapping counts from the last request that left', () => {
  ask();
  expect(prober.sentAt('where')).toBe(0);
  prober.handleTimeout(500);
  prober.takeDatagrams(510);
  expect(prober.sentAt('where')).toBe(510);
});
