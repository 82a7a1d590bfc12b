import { afterEach, describe, expect, test } from 'vitest';
import { rtpPayloadOffset, rtpSequenceNumber, rtpTimestamp } from '../../../../media/rtp/index.ts';
import { readCapture, writeRtpCapture } from '../../../support/peers/pcap.ts';
import { makeTempFolder, type TempFolder } from '../../../support/peers/temp-folder.ts';

let folder: TempFolder | undefined;

afterEach(() => folder?.remove());

describe('a capture', () => {
  test('is read as it was written', () => {
    folder = makeTempFolder('pcap');
    const path = `${folder.path}/tone.pcap`;
    const payloads = [1, 2, 3].map((value) => new Uint8Array(160).fill(value));
    writeRtpCapture(path, payloads);
    const datagrams = readCapture(path);
    expect(datagrams.map(({ atMs }) => atMs)).toEqual([0, 20, 40]);
    expect(datagrams.map(({ bytes }) => rtpSequenceNumber(bytes))).toEqual([0, 1, 2]);
    expect(datagrams.map(({ bytes }) => rtpTimestamp(bytes))).toEqual([0, 160, 320]);
    expect(datagrams.map(({ bytes }) => [...bytes.subarray(rtpPayloadOffset(bytes))])).toEqual(
      payloads.map((payload) => [...payload]),
    );
  });
});
