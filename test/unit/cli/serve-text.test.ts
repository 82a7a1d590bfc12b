import { describe, expect, test } from 'vitest';
import { turnLines } from '../../../cli/serve-text.ts';

const ONE = '198.51.100.1';
const TWO = '198.51.100.2';
const at = (address: string, port: number) => ({ address, port });
const NOWHERE = { udp: [], tcp: [], tls: [] };

describe('turnLines()', () => {
  test.each([
    { name: 'off', listening: NOWHERE, alternates: [], lines: [/^no STUN and TURN$/] },
    {
      name: 'one port',
      listening: { ...NOWHERE, udp: [at(ONE, 3478)], tls: [at(ONE, 5349)] },
      alternates: [],
      lines: [/^STUN and TURN: udp 198\.51\.100\.1:3478, tls 198\.51\.100\.1:5349$/],
    },
    {
      name: 'two ports',
      listening: { ...NOWHERE, udp: [at(ONE, 3478), at(ONE, 3479)] },
      alternates: [],
      lines: [/:3478, udp .*:3479$/, /by port; all of it with a second address: turn\.otherAddress$/],
    },
    {
      name: 'two addresses',
      listening: { ...NOWHERE, udp: [ONE, TWO].flatMap((one) => [at(one, 3478), at(one, 3479)]) },
      alternates: [{ addresses: [ONE, TWO], ports: [3478, 3479] }] as const,
      lines: [/^STUN/, /finds out what a NAT does, by 198\.51\.100\.1 and 198\.51\.100\.2$/],
    },
  ])('$name', ({ listening, alternates, lines }) => {
    const said = turnLines({ turnListening: listening, turnAlternates: alternates });
    expect(said).toEqual(lines.map((line) => expect.stringMatching(line)));
  });
});
