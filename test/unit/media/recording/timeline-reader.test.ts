import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import { parseTimeline } from '../../../../media/recording/timeline-reader.ts';

const START =
  '{"type":"start","ms":0,"version":1,"wallClock":"2026-11-27T10:00:00.000Z","format":"wav","sampleRateHz":48000,"mix":"x.wav","channels":2}';

const parse = (...lines: string[]) => parseTimeline(new TextEncoder().encode(lines.join('\n')));

describe('parseTimeline()', () => {
  it('gives events in the order of their time, of a file that was cut in its last line as well', () => {
    const timeline = parse(
      START,
      '{"type":"joined","ms":0,"member":1,"label":"alice","file":"x-alice.wav"}',
      '{"type":"silent","ms":900,"member":1}',
      '{"type":"talking","ms":300,"member":1}',
      '{"type":"left","ms":95',
    );
    expect(timeline).toMatchObject({
      start: { mix: 'x.wav', channels: 2 },
      events: [{ type: 'joined', label: 'alice' }, { type: 'talking', ms: 300 }, { type: 'silent' }],
      isWhole: false,
    });
  });

  it('passes over what a later version added', () => {
    const timeline = parse(START, '{"type":"smile","ms":5,"width":3}', '{"type":"end","ms":9,"more":1}', '');
    expect(timeline).toMatchObject({ events: [{ type: 'end', ms: 9 }], isWhole: true });
  });

  it.each([
    { name: 'an empty file', lines: [''], place: 'line 1', reason: 'is missing' },
    { name: 'no JSON', lines: ['hello', ''], place: 'line 1', reason: 'is no object of JSON: "hello"' },
    { name: 'a list', lines: [START, '[1]', ''], place: 'line 2', reason: 'is no object of JSON' },
    {
      name: 'another beginning',
      lines: ['{"type":"end","ms":1}', ''],
      place: 'line 1',
      reason: 'has type "end"',
    },
    {
      name: 'another version',
      lines: [START.replace('"version":1', '"version":9'), ''],
      place: 'line 1',
      reason: 'has version 9',
    },
    {
      name: 'a mix that lies elsewhere',
      lines: [START.replace('x.wav', '../x.wav'), ''],
      place: 'line 1',
      reason: 'has mix "../x.wav"',
    },
    { name: 'no time', lines: [START, '{"type":"end"}', ''], place: 'line 2', reason: 'has ms undefined' },
    {
      name: 'a time before',
      lines: [START, '{"type":"end","ms":-1}', ''],
      place: 'line 2',
      reason: 'has ms -1',
    },
    {
      name: 'nobody',
      lines: [START, '{"type":"talking","ms":1}', ''],
      place: 'line 2',
      reason: 'is of type "talking" and has no member',
    },
    {
      name: 'no digit',
      lines: [START, '', '{"type":"digit","ms":1,"member":1,"digit":"x","durationMs":1}', ''],
      place: 'line 2',
      reason: 'is no object of JSON',
    },
    {
      name: 'a digit that is none',
      lines: [START, '{"type":"digit","ms":1,"member":1,"digit":"x","durationMs":1}', ''],
      place: 'line 2',
      reason: 'has digit "x"',
    },
    {
      name: 'a line without end',
      lines: [START, `{"type":"note","ms":1,"text":"${'x'.repeat(20_000)}"}`, ''],
      place: 'line 2',
      reason: 'at most 16384',
    },
  ])('tells where it is wrong: $name', ({ lines, place, reason }) => {
    const error = parse(...lines);
    expect(error).toBeInstanceOf(DecodeError);
    expect(error).toMatchObject({ place, reason: expect.stringContaining(reason) });
  });
});
