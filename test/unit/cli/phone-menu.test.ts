import { describe, expect, it } from 'vitest';
import { menuHelp, type PhoneActions, PhoneMenu, runLine } from '../../../cli/phone-menu.ts';

function setUp(hasCall = true) {
  const done: string[] = [];
  const typed: string[] = [];
  const complaints: string[] = [];
  const note = (what: string) => () => void done.push(what);
  const actions: PhoneActions = {
    dial: (target) => done.push(`dial ${target}`),
    accept: note('accept'),
    reject: note('reject'),
    hangUp: note('hangUp'),
    hold: note('hold'),
    resume: note('resume'),
    toggleMute: note('mute'),
    sendDigits: (digits) => {
      if (hasCall) done.push(`digits ${digits}`);
      return hasCall;
    },
    statistics: note('statistics'),
    listCalls: note('list'),
    registration: note('registration'),
    ping: (target) => done.push(`ping ${target}`),
    room: (line) => done.push(`room ${line}`),
    chat: (line) => done.push(`chat ${line}`),
    help: note('help'),
    quit: note('quit'),
  };
  const menu = new PhoneMenu(
    actions,
    (text) => typed.push(text),
    (text) => complaints.push(text),
  );
  return { menu, actions, done, typed, complaints };
}

describe('PhoneMenu', () => {
  it.each([
    { keys: 'a', does: 'accept' },
    { keys: '\r', does: 'accept' },
    { keys: '\n', does: 'accept' },
    { keys: 'b', does: 'hangUp' },
    { keys: '\u001b', does: 'hangUp' },
    { keys: 'x', does: 'hold' },
    { keys: 'X', does: 'resume' },
    { keys: 'm', does: 'mute' },
    { keys: 's', does: 'statistics' },
    { keys: 'c', does: 'statistics' },
    { keys: 'l', does: 'list' },
    { keys: 'r', does: 'registration' },
    { keys: 'h', does: 'help' },
    { keys: 'q', does: 'quit' },
    { keys: '\u0003', does: 'quit' },
    { keys: '/dial bob\r', does: 'dial bob' },
    { keys: 'd bob\r', does: 'dial bob' },
    { keys: 'dalice\u007f\u007f\r', does: 'dial ali' },
    { keys: 'o bob\r', does: 'ping bob' },
    { keys: '/sndcode 12#\r', does: 'digits 12#' },
    { keys: '/hold\r', does: 'hold' },
    { keys: '/room\r', does: 'room ' },
    { keys: '/room mute bob\r', does: 'room mute bob' },
    { keys: '/foo\u0003', does: 'quit' },
  ])('$keys does $does', ({ keys, does }) => {
    const { menu, done } = setUp();
    menu.handleInput(keys);
    for (const key of keys) if (keys.length > 1 && keys.startsWith('\u001b')) menu.handleInput(key);
    expect(done).toEqual([does]);
  });

  it('sends digits in a call, and dials with them otherwise', () => {
    const inCall = setUp(true);
    inCall.menu.handleInput('5#');
    expect(inCall.done).toEqual(['digits 5', 'digits #']);
    const idle = setUp(false);
    idle.menu.handleInput('*43\r');
    expect(idle.done).toEqual(['dial *43']);
  });

  it('forgets what was typed with Esc, and ignores arrow keys', () => {
    const { menu, done, typed } = setUp();
    menu.handleInput('/dial bo');
    menu.handleInput('\u001b[A');
    menu.handleInput('\u001b');
    expect(done).toEqual([]);
    expect(typed.at(-1)).toBe('');
  });

  it.each([
    { line: '/fly', says: 'there is no command "/fly"; type h for help' },
    { line: '/dial', says: '/dial needs TARGET' },
  ])('says what is wrong with $line', ({ line, says }) => {
    const { menu, complaints } = setUp();
    menu.handleInput(`${line}\r`);
    expect(complaints).toEqual([says]);
  });

  it('takes lines without a terminal, with or without slash, and an empty one', () => {
    const { actions, done } = setUp();
    for (const line of ['dial  sip:bob@host ', '/mute', 'b', '', '   '])
      expect(runLine(line, actions)).toBeUndefined();
    expect(done).toEqual(['dial sip:bob@host', 'mute', 'hangUp']);
  });

  it('shows every command in its help', () => {
    expect(menuHelp()).toMatch(/\/hold +x +put the call on hold/);
    expect(menuHelp().split('\n')).toHaveLength(17);
  });
});
