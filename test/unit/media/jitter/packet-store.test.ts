import { describe, expect, it } from 'vitest';
import { MAX_PAYLOAD_BYTES, PacketStore } from '../../../../media/jitter/packet-store.ts';
import { frame } from './frames.ts';

describe('PacketStore', () => {
  it('gives packets by number, and the first from a number on', () => {
    const store = new PacketStore(8);
    for (const sequence of [5, 3, 7]) store.put(frame(sequence, 0), sequence * 20);
    expect(store.size).toBe(3);
    expect(store.get(4)).toBeUndefined();
    expect(store.get(5)).toMatchObject({ extendedSequenceNumber: 5, sentAt: 100 });
    expect(store.firstFrom(4)?.extendedSequenceNumber).toBe(5);
    expect(store.firstFrom(8)).toBeUndefined();
  });

  it('copies the payload, whatever its length was in that place before', () => {
    const store = new PacketStore(8);
    const payload = Uint8Array.of(1, 2, 3);
    store.put(frame(1, 0, { payload }), 0);
    payload.fill(0);
    expect([...(store.get(1)?.payload ?? [])]).toEqual([1, 2, 3]);
    store.take(1);
    for (const sizeBytes of [1, 0, 300, 2, MAX_PAYLOAD_BYTES]) {
      store.put(frame(9, 0, { payload: new Uint8Array(sizeBytes).fill(9) }), 0);
      expect(store.get(9)?.payload).toEqual(new Uint8Array(sizeBytes).fill(9));
    }
  });

  it('keeps what was taken while its place is filled anew, until the next is taken', () => {
    const store = new PacketStore(8);
    store.put(frame(1, 0, { payload: Uint8Array.of(1) }), 0);
    const taken = store.take(1);
    store.put(frame(9, 0, { payload: Uint8Array.of(9) }), 0);
    expect(taken).toMatchObject({ extendedSequenceNumber: 1, payload: Uint8Array.of(1) });
    expect(store.take(9)?.payload).toEqual(Uint8Array.of(9));
    expect(store.size).toBe(0);
  });

  it('refuses a payload that is no sound', () => {
    const store = new PacketStore(8);
    expect(store.put(frame(1, 0, { payload: new Uint8Array(MAX_PAYLOAD_BYTES + 1) }), 0)).toBe(false);
    expect(store.size).toBe(0);
  });

  it('tells how many it threw away, copies not counted', () => {
    const store = new PacketStore(8);
    store.put(frame(1, 0), 0);
    store.put(frame(2, 0, { isRedundant: true }), 0);
    expect(store.clear()).toBe(1);
    expect(store.firstFrom(0)).toBeUndefined();
  });
});
