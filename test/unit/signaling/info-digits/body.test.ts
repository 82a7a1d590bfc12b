import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import {
  DEFAULT_DURATION_MS,
  formatInfoDigit,
  parseInfoDigit,
} from '../../../../signaling/info-digits/index.ts';

const info = (text: string, contentType = 'application/dtmf-relay', method = 'INFO') => ({
  method,
  contentType,
  body: new TextEncoder().encode(text),
});

describe('parseInfoDigit()', () => {
  test.for([
    { name: 'both lines', text: 'Signal=5\r\nDuration=160\r\n', digit: '5', durationMs: 160 },
    {
      name: 'line ends of LF, and spaces',
      text: ' Signal = 5 \n Duration = 160',
      digit: '5',
      durationMs: 160,
    },
    { name: 'names in any case, in any order', text: 'DURATION=80\r\nsignal=d', digit: 'D', durationMs: 80 },
    { name: 'a star', text: 'Signal=*\r\nDuration=100', digit: '*', durationMs: 100 },
    { name: 'the event code of a star', text: 'Signal=10', digit: '*', durationMs: DEFAULT_DURATION_MS },
    { name: 'the event code of a letter', text: 'Signal=15', digit: 'D', durationMs: DEFAULT_DURATION_MS },
    { name: 'no duration', text: 'Signal=#', digit: '#', durationMs: DEFAULT_DURATION_MS },
    {
      name: 'a duration that is none',
      text: 'Signal=1\r\nDuration=long',
      digit: '1',
      durationMs: DEFAULT_DURATION_MS,
    },
    { name: 'a duration of no time', text: 'Signal=1\r\nDuration=0', digit: '1', durationMs: 40 },
    { name: 'a duration without end', text: 'Signal=1\r\nDuration=999999', digit: '1', durationMs: 5000 },
  ])('reads $name', ({ text, digit, durationMs }) => {
    expect(parseInfoDigit(info(text))).toEqual({ digit, durationMs });
  });

  test('reads a bare digit of application/dtmf, and lines there as well', () => {
    const bare = { digit: '7', durationMs: DEFAULT_DURATION_MS };
    expect(parseInfoDigit(info('7', 'application/dtmf'))).toEqual(bare);
    expect(parseInfoDigit(info('7\r\n', 'application/dtmf'))).toEqual(bare);
    expect(parseInfoDigit(info('Signal=7', 'application/dtmf'))).toEqual(bare);
  });

  test.for([
    { name: 'nothing', text: '' },
    { name: 'no signal', text: 'Duration=160' },
    { name: 'an empty signal', text: 'Signal=\r\nDuration=160' },
    { name: 'several digits', text: 'Signal=12345' },
    { name: 'a code over 15', text: 'Signal=16' },
    { name: 'a letter that is no digit', text: 'Signal=E' },
    { name: 'a bare digit', text: '5' },
    { name: 'too much', text: `Signal=5\r\n${'x'.repeat(300)}` },
  ])('refuses $name', ({ text }) => {
    expect(parseInfoDigit(info(text))).toBeInstanceOf(DecodeError);
  });

  test('is not concerned with other bodies and methods', () => {
    expect(parseInfoDigit(info('Signal=5', 'application/media_control+xml'))).toBeUndefined();
    expect(parseInfoDigit(info('Signal=5', 'application/dtmf-relay', 'MESSAGE'))).toBeUndefined();
  });

  test('reads what formatInfoDigit() writes, and never throws', () => {
    for (const digit of '0123456789*#ABCD') {
      expect(parseInfoDigit(info(formatInfoDigit({ digit, durationMs: 100 })))).toEqual({
        digit,
        durationMs: 100,
      });
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (body) => {
        for (const type of ['application/dtmf-relay', 'application/dtmf']) {
          expect(parseInfoDigit({ ...info('', type), body })).toBeDefined();
        }
      }),
    );
  });
});
