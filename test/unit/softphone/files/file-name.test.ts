import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { numberedName, safeFileName } from '../../../../softphone/files/file-name.ts';
import { anyCodePoint } from '../../../support/any-code-point.ts';

const BELL = '\u0007';

describe('safeFileName()', () => {
  test.each([
    { offered: 'report.pdf', name: 'report.pdf' },
    { offered: '../../etc/passwd', name: 'passwd' },
    { offered: '/etc/shadow', name: 'shadow' },
    { offered: 'C:\\Windows\\system32\\evil.exe', name: 'evil.exe' },
    { offered: '..\\..\\evil.exe', name: 'evil.exe' },
    { offered: '..', name: undefined },
    { offered: '.', name: undefined },
    { offered: '', name: undefined },
    { offered: 'folder/', name: undefined },
    { offered: '   ', name: undefined },
    { offered: '.bashrc', name: 'bashrc' },
    { offered: '...x', name: 'x' },
    { offered: `a${BELL}b\u0000c\n.txt`, name: 'abc.txt' },
    { offered: 'gpj\u202Eexe.txt', name: 'gpjexe.txt' },
    { offered: 'name. . ', name: 'name' },
    { offered: 'file:stream', name: 'file_stream' },
    { offered: 'a<b>c"d|e?f*g', name: 'a_b_c_d_e_f_g' },
    { offered: 'CON', name: '_CON' },
    { offered: 'con.txt', name: '_con.txt' },
    { offered: 'LPT1.tar.gz', name: '_LPT1.tar.gz' },
    { offered: 'console.log', name: 'console.log' },
    { offered: 'Grüße 你好.txt', name: 'Grüße 你好.txt' },
    { offered: '\ud800half', name: 'half' },
  ])('$offered becomes $name', ({ offered, name }) => {
    expect(safeFileName(offered)).toBe(name);
  });

  test('a long name is cut between characters, and keeps its ending', () => {
    const name = safeFileName(`${'ü'.repeat(300)}.tar`) ?? '';
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
    expect(name).toMatch(/^ü+\.tar$/);
  });

  test('an ending that is longer than endings are is cut like the rest', () => {
    expect(Buffer.byteLength(safeFileName(`a.${'b'.repeat(500)}`) ?? '')).toBe(200);
  });

  test('whatever is offered, the name is one of this folder, visible, and stays the same when it is asked for again', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCodePoint, maxLength: 300 }), (offered) => {
        const name = safeFileName(offered);
        if (name === undefined) return;
        expect(name).not.toMatch(/[/\\:]|^\.|[. ]$|\p{Cc}/u);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(201);
        expect(safeFileName(name)).toBe(name);
      }),
    );
  });
});

test('numberedName() puts the number before the ending', () => {
  expect(numberedName('a.tar', 0)).toBe('a.tar');
  expect(numberedName('a.tar', 2)).toBe('a (2).tar');
  expect(numberedName('README', 1)).toBe('README (1)');
});
