import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Emitter } from '../../../core/index.ts';

interface Events {
  ringing: number;
  ended: string;
}

const byDefault = Emitter.onListenerError;
let errors: unknown[] = [];

beforeEach(() => {
  errors = [];
  Emitter.onListenerError = (error) => errors.push(error);
});

afterEach(() => {
  Emitter.onListenerError = byDefault;
});

describe('Emitter', () => {
  test('calls the listeners of the event in their order, and tells whether there were any', () => {
    const emitter = new Emitter<Events>();
    const seen: string[] = [];
    emitter.on('ringing', (code) => seen.push(`first ${code}`));
    emitter.on('ringing', (code) => seen.push(`second ${code}`));
    expect(emitter.emit('ringing', 180)).toBe(true);
    expect(emitter.emit('ended', 'bye')).toBe(false);
    expect(seen).toEqual(['first 180', 'second 180']);
  });

  test('a listener is removed by the function that on() returned, by off(), or by its first event', () => {
    const emitter = new Emitter<Events>();
    const seen: string[] = [];
    const second = () => seen.push('off');
    const remove = emitter.on('ringing', () => seen.push('on'));
    emitter.on('ringing', second);
    emitter.once('ringing', () => seen.push('once'));
    emitter.emit('ringing', 1);
    remove();
    remove();
    emitter.off('ringing', second);
    expect(emitter.hasListeners('ringing')).toBe(false);
    expect(emitter.emit('ringing', 2)).toBe(false);
    expect(seen).toEqual(['on', 'off', 'once']);
  });

  test('a listener that throws harms no neighbour', () => {
    const emitter = new Emitter<Events>();
    const seen: string[] = [];
    emitter.on('ended', () => {
      throw new Error('bug');
    });
    emitter.on('ended', (reason) => seen.push(reason));
    emitter.emit('ended', 'bye');
    expect(seen).toEqual(['bye']);
    expect(errors).toMatchObject([{ message: 'bug' }]);
  });

  test('who begins to listen during an event does not hear it', () => {
    const emitter = new Emitter<Events>();
    const seen: string[] = [];
    emitter.once('ringing', () => {
      emitter.on('ringing', (code) => seen.push(`late ${code}`));
    });
    emitter.on('ringing', () => {
      emitter.on('ended', (reason) => seen.push(reason));
      emitter.on('ringing', () => {});
    });
    emitter.emit('ringing', 1);
    expect(seen).toEqual([]);
    emitter.emit('ringing', 2);
    expect(seen).toEqual(['late 2']);
  });

  test('a once() listener that emits the event again is not called twice', () => {
    const emitter = new Emitter<Events>();
    let count = 0;
    emitter.once('ringing', () => {
      count += 1;
      emitter.emit('ringing', 2);
    });
    emitter.emit('ringing', 1);
    expect(count).toBe(1);
  });

  test('who listens or leaves during an event is counted from the next one on', () => {
    const emitter = new Emitter<Events>();
    const seen: string[] = [];
    const leaver = () => seen.push('leaver');
    emitter.on('ringing', () => {
      emitter.once('ringing', () => seen.push('late'));
      emitter.off('ringing', leaver);
    });
    emitter.on('ringing', leaver);
    emitter.emit('ringing', 1);
    expect(seen).toEqual(['leaver']);
    emitter.emit('ringing', 2);
    expect(seen).toEqual(['leaver', 'late']);
  });
});
