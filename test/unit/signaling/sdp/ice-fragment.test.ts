import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import { MAX_CANDIDATES, parseIceFragment } from '../../../../signaling/index.ts';

const CREDENTIALS = ['a=ice-ufrag:8hhY', 'a=ice-pwd:asd88fgpdd777uzjYhagZg'];
const HOST = 'a=candidate:1 1 UDP 2130706431 192.0.2.9 4000 typ host';

const parse = (...lines: readonly string[]) => parseIceFragment(lines.join('\r\n'));

describe('parseIceFragment()', () => {
  it('reads credentials of the session, and candidates of the first section (RFC 8840 §9.2)', () => {
    const other = 'a=candidate:2 1 UDP 2130706431 192.0.2.9 4002 typ host';
    const fragment = parse(
      ...CREDENTIALS,
      'm=audio 9 RTP/AVP 0',
      'a=mid:1',
      HOST,
      'm=video 9 RTP/AVP 96',
      other,
    );
    expect(fragment).toMatchObject({
      credentials: { ufrag: '8hhY', password: 'asd88fgpdd777uzjYhagZg' },
      candidates: [{ type: 'host', endpoint: { address: '192.0.2.9', port: 4000 } }],
      isTrickling: true,
    });
  });

  it('knows the end of the candidates, in a section or for all', () => {
    for (const lines of [
      [...CREDENTIALS, 'a=end-of-candidates'],
      [...CREDENTIALS, 'm=audio 9 RTP/AVP 0', 'a=mid:1', 'a=end-of-candidates'],
    ]) {
      expect(parse(...lines)).toMatchObject({ candidates: [], isTrickling: false });
    }
  });

  it('refuses one without credentials, and one that is too long', () => {
    expect(parse(HOST)).toBeInstanceOf(DecodeError);
    expect(parse(...CREDENTIALS, `a=x:${'x'.repeat(1_000_000)}`)).toBeInstanceOf(DecodeError);
  });

  it('reads no more candidates than a description may have', () => {
    const many = Array.from({ length: 2 * MAX_CANDIDATES }, () => HOST);
    const fragment = parse(...CREDENTIALS, 'm=audio 9 RTP/AVP 0', ...many);
    expect(fragment instanceof DecodeError ? 0 : fragment.candidates.length).toBe(MAX_CANDIDATES);
  });

  it('never throws, wherever it is cut', () => {
    const text = [...CREDENTIALS, 'm=audio 9 RTP/AVP 0', HOST, 'a=end-of-candidates'].join('\r\n');
    for (let end = 0; end < text.length; end += 1)
      expect(() => parseIceFragment(text.slice(0, end))).not.toThrow();
  });
});
