import { describe, expect, test } from 'vitest';
import { DecodeError, SeededRandom } from '../../../../core/index.ts';
import { ATTRIBUTE, decodeStun, type StunMessage, StunWriter } from '../../../../nat/index.ts';
import {
  GATHER_PACING_MS,
  MAPPING_KEEP_ALIVE_MS,
  ReflexiveGatherer,
} from '../../../../nat/path/reflexive-gatherer.ts';

const SERVER = { address: '192.0.2.1', port: 3478 };
const MAPPED = { address: '203.0.113.1', port: 5000 };

function decoded(bytes: Uint8Array | undefined): StunMessage {
  const message = decodeStun(bytes ?? new Uint8Array(0));
  if (message instanceof DecodeError) throw new Error(message.toString());
  return message;
}

function answerTo(request: StunMessage, hasAddress = true): StunMessage {
  const { method, transactionId } = request;
  const writer = new StunWriter({ method, class: 'success', transactionId: transactionId.slice() });
  return decoded((hasAddress ? writer.xorAddress(ATTRIBUTE.xorMappedAddress, MAPPED) : writer).finish());
}

/** One that has asked from base 1. */
function asking(): { gatherer: ReflexiveGatherer; request: StunMessage } {
  const gatherer = new ReflexiveGatherer(new SeededRandom(1));
  gatherer.ask(0, { base: 1, server: SERVER });
  return { gatherer, request: decoded(gatherer.takeDatagrams()[0]?.bytes) };
}

describe('ReflexiveGatherer', () => {
  test('asks, and tells what the server saw', () => {
    const { gatherer, request } = asking();
    expect(gatherer.handleResponse(20, answerTo(request), SERVER)).toBe(true);
    expect(gatherer.takeAnswers()).toEqual([{ base: 1, server: SERVER, mapped: MAPPED }]);
    expect(gatherer.pending).toBe(0);
  });

  test('asks one after the other, Ta apart (RFC 8445 §14.2)', () => {
    const { gatherer } = asking();
    gatherer.ask(0, { base: 2, server: SERVER });
    expect(gatherer.takeDatagrams()).toHaveLength(0);
    expect(gatherer.nextTimeoutAt()).toBe(GATHER_PACING_MS);
    gatherer.handleTimeout(GATHER_PACING_MS);
    expect(gatherer.takeDatagrams()).toMatchObject([{ base: 2, remote: SERVER }]);
  });

  test('asks again where nothing comes, and gives up in the end', () => {
    const { gatherer } = asking();
    const { pending: questions } = gatherer;
    for (const at of [200, 600, 1_000, 1_400]) {
      expect(gatherer.nextTimeoutAt()).toBe(at);
      gatherer.handleTimeout(at);
      expect(gatherer.takeDatagrams()).toHaveLength(questions);
    }
    for (let at = gatherer.nextTimeoutAt(); at !== undefined; at = gatherer.nextTimeoutAt()) {
      gatherer.handleTimeout(at);
    }
    expect(gatherer.pending).toBe(0);
    expect(gatherer.takeAnswers()).toEqual([]);
  });

  test('takes no answer from elsewhere, of others, or without an address', () => {
    const { gatherer, request } = asking();
    const other = asking();
    gatherer.handleResponse(20, answerTo(request), { ...SERVER, port: 1 });
    expect(gatherer.pending).toBe(1);
    const strange = new StunWriter({ method: 1, class: 'success', transactionId: new Uint8Array(12) });
    expect(gatherer.handleResponse(20, decoded(strange.finish()), SERVER)).toBe(false);
    expect(gatherer.takeAnswers()).toEqual([]);
    other.gatherer.handleResponse(20, answerTo(other.request, false), SERVER);
    expect(other.gatherer.takeAnswers()).toEqual([]);
    expect(other.gatherer.pending).toBe(0);
  });

  test('keeps the mapping while nothing else does, until it may go (RFC 8445 §11)', () => {
    const { gatherer, request } = asking();
    gatherer.handleResponse(20, answerTo(request), SERVER);
    for (let turn = 1; turn <= 3; turn += 1) {
      gatherer.handleTimeout(20 + turn * MAPPING_KEEP_ALIVE_MS);
      const [datagram, ...rest] = gatherer.takeDatagrams();
      expect(rest).toEqual([]);
      expect(decoded(datagram?.bytes).class).toBe('indication');
    }
    gatherer.stop();
    expect(gatherer.nextTimeoutAt()).toBeUndefined();
  });

  test('asks no more than a host can have to ask', () => {
    const { gatherer } = asking();
    for (let base = 0; base < 1_000; base += 1) gatherer.ask(0, { base, server: SERVER });
    expect(gatherer.pending).toBe(32);
  });
});
