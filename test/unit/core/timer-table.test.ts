import { expect, test } from 'vitest';
import { TimerTable } from '../../../core/index.ts';

type Name = 'timerA' | 'timerB' | 'timerD';

test('the earliest timer comes out first, each once, none before its time', () => {
  const timers = new TimerTable<Name>();
  timers.set('timerB', 32_000);
  timers.set('timerA', 500);
  expect(timers.nextAt()).toBe(500);
  expect(timers.takeDue(499)).toBeUndefined();
  expect(timers.takeDue(500)).toBe('timerA');
  expect(timers.takeDue(500)).toBeUndefined();
  expect(timers.nextAt()).toBe(32_000);
  expect([timers.takeDue(40_000), timers.takeDue(40_000)]).toEqual(['timerB', undefined]);
  expect(timers.nextAt()).toBeUndefined();
});

test('several due timers come out in the order of their deadlines', () => {
  const timers = new TimerTable<Name>();
  timers.set('timerD', 30);
  timers.set('timerB', 10);
  timers.set('timerA', 20);
  expect([timers.takeDue(99), timers.takeDue(99), timers.takeDue(99)]).toEqual([
    'timerB',
    'timerA',
    'timerD',
  ]);
});

test('a tie goes to the name that was set first', () => {
  const timers = new TimerTable<Name>();
  timers.set('timerD', 10);
  timers.set('timerA', 20);
  timers.set('timerA', 10);
  expect([timers.takeDue(10), timers.takeDue(10)]).toEqual(['timerD', 'timerA']);
});

test('setting again moves; clearing removes one, or all', () => {
  const timers = new TimerTable<Name>();
  timers.set('timerA', 10);
  timers.set('timerA', 50);
  expect([timers.at('timerA'), timers.isSet('timerA'), timers.size]).toEqual([50, true, 1]);
  expect(timers.takeDue(10)).toBeUndefined();
  timers.clear('timerA');
  timers.clear('timerB');
  expect([timers.at('timerA'), timers.isSet('timerA'), timers.size]).toEqual([undefined, false, 0]);
  timers.set('timerB', 1);
  timers.set('timerD', 2);
  timers.clearAll();
  expect([timers.size, timers.nextAt()]).toEqual([0, undefined]);
});
