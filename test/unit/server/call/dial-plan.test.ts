import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import { destinationOf, destinationOfTarget } from '../../../../server/call/dial-plan.ts';
import { parseUri } from '../../../../signaling/index.ts';

const context = { isLocalHost: (host: string) => host === 'pbx.example' };

function dial(text: string) {
  const uri = parseUri(text);
  if (uri instanceof DecodeError) throw new Error(String(uri));
  return destinationOf(uri, context);
}

describe('destinationOf()', () => {
  const cases = [
    { name: 'a user', input: 'sip:bob@pbx.example', expected: { kind: 'user', name: 'bob' } },
    { name: 'an escaped user', input: 'sip:b%6Fb@pbx.example', expected: { kind: 'user', name: 'bob' } },
    { name: 'a telephone number', input: 'tel:+4930123', expected: { kind: 'user', name: '+4930123' } },
    { name: 'the echo test', input: 'sip:*43@pbx.example', expected: { kind: 'echo' } },
    {
      name: 'forward all, with its target',
      input: 'sip:*72bob@pbx.example',
      expected: { kind: 'forward', forward: 'always', target: 'bob' },
    },
    {
      name: 'forward all, off',
      input: 'sip:*73@pbx.example',
      expected: { kind: 'forward', forward: 'always', target: undefined },
    },
    {
      name: 'forward on busy',
      input: 'sip:*90200@pbx.example',
      expected: { kind: 'forward', forward: 'busy', target: '200' },
    },
    {
      name: 'forward on busy, off',
      input: 'sip:*91@pbx.example',
      expected: { kind: 'forward', forward: 'busy', target: undefined },
    },
    {
      name: 'forward on no answer',
      input: 'sip:*52200@pbx.example',
      expected: { kind: 'forward', forward: 'noAnswer', target: '200' },
    },
    {
      name: 'forward on no answer, off',
      input: 'sip:*53@pbx.example',
      expected: { kind: 'forward', forward: 'noAnswer', target: undefined },
    },
  ];
  it.each(cases)('finds $name', ({ input, expected }) => {
    expect(dial(input)).toEqual(expected);
  });

  it('takes a URI of another host as it is', () => {
    expect(dial('sip:carol@elsewhere.example;transport=tcp')).toMatchObject({
      kind: 'uri',
      uri: { host: 'elsewhere.example' },
    });
  });

  it.each([
    { input: 'sip:pbx.example', status: 404 },
    { input: 'sip:*72@pbx.example', status: 484 },
    { input: 'mailto:bob@pbx.example', status: 416 },
  ])('refuses $input with $status', ({ input, status }) => {
    expect(dial(input)).toMatchObject({ kind: 'unsupported', status });
  });
});

describe('destinationOfTarget()', () => {
  const cases = [
    { name: 'a name', input: 'bob', expected: { kind: 'user', name: 'bob' } },
    { name: 'a number', input: '+4930123', expected: { kind: 'user', name: '+4930123' } },
    { name: 'an address of ours', input: 'bob@pbx.example', expected: { kind: 'user', name: 'bob' } },
    { name: 'a URI of ours', input: 'sip:bob@pbx.example', expected: { kind: 'user', name: 'bob' } },
    { name: 'a URI elsewhere', input: 'sip:x@other.example', expected: { kind: 'uri' } },
    { name: 'nonsense', input: 'a b', expected: { kind: 'unsupported', status: 404 } },
    { name: 'a service code', input: '*43', expected: { kind: 'unsupported', status: 404 } },
  ];
  it.each(cases)('reads $name', ({ input, expected }) => {
    expect(destinationOfTarget(input, context)).toMatchObject(expected);
  });
});
