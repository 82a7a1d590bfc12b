import { describe, expect, it } from 'vitest';
import type { Candidate, IceDescription } from '../../../../nat/index.ts';
import {
  formatSdp,
  liteIce,
  MAX_PASSED_CANDIDATES,
  passedIce,
  relayOffer,
} from '../../../../signaling/index.ts';
import { description, OWN, PHONE_LINES } from './samples.ts';

const CREDENTIALS = { ufrag: 'abcd2345', password: 'passwordpasswordpassword' };

function candidate(change: Partial<Candidate> = {}): Candidate {
  const endpoint = { address: '192.0.2.9', port: 4000 };
  return { foundation: '1', component: 1, priority: 1000, endpoint, type: 'host', ...change };
}

function described(...candidates: readonly Candidate[]): IceDescription {
  return { credentials: CREDENTIALS, candidates, isLite: false, isTrickling: true };
}

describe('passedIce()', () => {
  it('passes credentials and candidates of the first component, and adds ours as the last resort', () => {
    const { credentials, candidates } = passedIce(described(candidate(), candidate({ component: 2 })), OWN);
    expect(credentials).toEqual(CREDENTIALS);
    expect(candidates).toEqual([
      candidate(),
      {
        foundation: 'server1',
        component: 1,
        priority: 255,
        endpoint: { address: OWN.address, port: OWN.rtpPort },
        type: 'relayed',
        related: { address: '0.0.0.0', port: 9 },
      },
    ]);
  });

  it('keeps the addresses behind candidates to itself', () => {
    const endpoint = { address: '2001:db8::1', port: 1 };
    const reflexive = candidate({ type: 'serverReflexive', endpoint, related: candidate().endpoint });
    expect(passedIce(described(reflexive), OWN).candidates[0]?.related).toEqual({ address: '::', port: 9 });
  });

  it('passes a limited number, ours among them, and takes a foundation that nobody has', () => {
    const many = Array.from({ length: 60 }, (_, index) => candidate({ foundation: `server${index}` }));
    const { candidates } = passedIce(described(...many), OWN);
    expect(candidates).toHaveLength(MAX_PASSED_CANDIDATES);
    const [ours] = candidates.slice(-1);
    expect(ours?.type).toBe('relayed');
    expect(candidates.filter(({ foundation }) => foundation === ours?.foundation)).toHaveLength(1);
  });
});

describe('a relayed description', () => {
  const other = description(PHONE_LINES);

  it('has the ICE that is passed on, and no option to trickle', () => {
    const text = formatSdp(relayOffer(other, { ...OWN, ice: passedIce(described(candidate()), OWN) }));
    expect(text).toContain('a=ice-ufrag:abcd2345\r\n');
    expect(text).toContain(
      `a=candidate:server1 1 UDP 255 ${OWN.address} ${OWN.rtpPort} typ relay raddr 0.0.0.0 rport 9\r\n`,
    );
    expect(text).not.toMatch(/trickle|ice-lite/);
  });

  it('says of the session that it is of a lite agent', () => {
    const text = formatSdp(relayOffer(other, { ...OWN, ice: liteIce(CREDENTIALS, OWN) }));
    expect(text.indexOf('a=ice-lite')).toBeGreaterThan(0);
    expect(text.indexOf('a=ice-lite')).toBeLessThan(text.indexOf('m=audio'));
    expect(text).toContain(`a=candidate:1 1 UDP 2130706431 ${OWN.address} ${OWN.rtpPort} typ host\r\n`);
  });

  it('has none where it is not asked for', () => {
    expect(formatSdp(relayOffer(other, OWN))).not.toMatch(/a=ice|candidate/);
  });
});
