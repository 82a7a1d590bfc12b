import { describe, expect, it } from 'vitest';
import { paintFor, Screen } from '../../../cli/call-screen.ts';

function setUp(isTTY: boolean, env: NodeJS.ProcessEnv = {}) {
  const written: string[] = [];
  let now = 0;
  const stream = { isTTY, columns: 20, write: (text: string) => written.push(text) };
  const screen = new Screen(stream, () => now, env);
  return { screen, written, pass: (milliseconds: number) => (now += milliseconds) };
}

describe('Screen', () => {
  it('keeps a live line below the others on a terminal, and cuts it to the width', () => {
    const { screen, written } = setUp(true);
    screen.live('a line that is longer than the terminal');
    screen.line('hello');
    screen.clear();
    screen.line('end');
    expect(written).toEqual([
      '\r\u001b[Ka line that is long',
      '\r\u001b[Khello\n',
      'a line that is long',
      '\r\u001b[K',
      'end\n',
    ]);
  });

  it('takes a terminal that does not know its width for one of 80 columns', () => {
    const written: string[] = [];
    const stream = { isTTY: true, columns: 0, write: (text: string) => written.push(text) };
    new Screen(stream, () => 0, {}).live('whole');
    expect(written).toEqual(['\r\u001b[Kwhole']);
  });

  it('writes plain lines elsewhere, one every five seconds', () => {
    const { screen, written, pass } = setUp(false);
    for (let i = 0; i < 11; i += 1) {
      screen.live(`at ${i}`);
      pass(1000);
    }
    screen.clear();
    expect(written).toEqual(['at 0\n', 'at 5\n', 'at 10\n']);
  });

  it.each([true, false])('shows nothing that a terminal would obey, but its own colours', (isTTY) => {
    const { screen, written } = setUp(isTTY);
    screen.line('\u001b[31mred\u001b[0m\nbob\u001b[2J\u001b]0;x\u0007\u009b2J\r');
    screen.live('eve\u001b[2J\n', 'dim');
    screen.clear();
    expect(written[0]).toBe('\u001b[31mred\u001b[0m\nbob\ufffd[2J\ufffd]0;x\ufffd\ufffd2J\ufffd\n');
    expect(written.slice(1).join('')).not.toMatch(/\u001b\[2J|e\n/);
  });
});

describe('paintFor()', () => {
  it.each([
    { name: 'a terminal', isTTY: true, env: {}, painted: true },
    { name: 'a pipe', isTTY: false, env: {}, painted: false },
    { name: 'a terminal with NO_COLOR', isTTY: true, env: { NO_COLOR: '1' }, painted: false },
    { name: 'a terminal with an empty NO_COLOR', isTTY: true, env: { NO_COLOR: '' }, painted: true },
    { name: 'a dumb terminal', isTTY: true, env: { TERM: 'dumb' }, painted: false },
  ])('$name: $painted', ({ isTTY, env, painted }) => {
    const text = paintFor({ isTTY, write: () => true }, env)('x', 'red');
    expect(text).toBe(painted ? '\u001b[31mx\u001b[0m' : 'x');
  });
});
