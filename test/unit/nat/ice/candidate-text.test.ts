import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import { formatCandidate, parseCandidate } from '../../../../nat/ice/candidate-text.ts';

const SRFLX = '842163049 1 udp 1677729535 203.0.113.5 51000 typ srflx raddr 10.0.0.2 rport 50000';

describe('parseCandidate()', () => {
  test('reads what a browser writes, extensions and all', () => {
    expect(parseCandidate(`${SRFLX} generation 0 ufrag abcd network-cost 50`)).toEqual({
      foundation: '842163049',
      component: 1,
      priority: 1_677_729_535,
      endpoint: { address: '203.0.113.5', port: 51_000 },
      type: 'serverReflexive',
      related: { address: '10.0.0.2', port: 50_000 },
    });
  });

  test.each([
    { name: 'TCP', text: '1 1 TCP 2105458943 10.0.0.2 9 typ host tcptype active' },
    { name: 'a name', text: '1 1 UDP 2130706431 0f1e.local 50000 typ host' },
    { name: 'port 0', text: '1 1 UDP 2130706431 10.0.0.2 0 typ host' },
    { name: 'another type', text: '1 1 UDP 2130706431 10.0.0.2 5000 typ telepathic' },
    { name: 'a third component', text: '1 3 UDP 2130706431 10.0.0.2 5000 typ host' },
  ])('passes over $name', ({ text }) => {
    expect(parseCandidate(text)).toBeUndefined();
  });

  test.each([
    { name: 'nothing', text: '', place: 'foundation' },
    { name: 'a foundation that is none', text: 'a_b 1 UDP 1 10.0.0.2 5000 typ host', place: 'foundation' },
    {
      name: 'a foundation that is too long',
      text: `${'a'.repeat(33)} 1 UDP 1 10.0.0.2 5000 typ host`,
      place: 'foundation',
    },
    { name: 'component 0', text: '1 0 UDP 1 10.0.0.2 5000 typ host', place: 'component' },
    { name: 'component 257', text: '1 257 UDP 1 10.0.0.2 5000 typ host', place: 'component' },
    { name: 'priority 0', text: '1 1 UDP 0 10.0.0.2 5000 typ host', place: 'priority' },
    { name: 'priority 2^31', text: '1 1 UDP 2147483648 10.0.0.2 5000 typ host', place: 'priority' },
    { name: 'port 65536', text: '1 1 UDP 1 10.0.0.2 65536 typ host', place: 'port' },
    { name: 'no type', text: '1 1 UDP 1 10.0.0.2 5000', place: 'type' },
  ])('refuses $name', ({ text, place }) => {
    const error = parseCandidate(text);
    expect(error).toBeInstanceOf(DecodeError);
    expect(error).toMatchObject({ code: 'ICE_BAD_CANDIDATE', place: `candidate ${place}` });
  });

  test.each([
    SRFLX,
    '1 1 UDP 2130706431 2001:db8::1 5000 typ host',
    'a+/Z 2 UDP 16777214 198.51.100.2 49152 typ relay raddr 203.0.113.5 rport 51000',
    '1 1 UDP 1862270975 198.51.100.2 49152 typ prflx raddr 10.0.0.2 rport 5000',
  ])('comes back from text as it went: %s', (text) => {
    const candidate = parseCandidate(text);
    if (!candidate || candidate instanceof DecodeError) throw new Error('it is one');
    expect(formatCandidate(candidate)).toBe(text.replace(' udp ', ' UDP '));
    expect(parseCandidate(formatCandidate(candidate))).toEqual(candidate);
  });
});
