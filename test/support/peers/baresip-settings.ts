// The settings folder of one baresip: no sound card, tones in, WAV files out, remote control over TCP.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatHost } from '../../../core/index.ts';

export type BaresipCodec = 'opus' | 'pcmu' | 'pcma';

export interface BaresipSettings {
  /** Of the loopback interface, where all but control is. */
  readonly address: string;
  readonly sipPort: number;
  readonly controlPort: number;
  /** First and last UDP port of RTP and RTCP. */
  readonly rtpPorts: readonly [first: number, last: number];
  /** Frequency of the tone that it sends; `echo`, to send what it hears; or a WAV file, 48 kHz and stereo. */
  readonly sound: number | 'echo' | { readonly file: string };
  readonly codecs: readonly BaresipCodec[];
  readonly account: BaresipAccount;
}

export interface BaresipAccount {
  readonly user: string;
  readonly password?: string;
  /** Registrar as `host:port`; its own address, and no registration, where it is not given. */
  readonly registrar?: string;
  readonly transport?: 'udp' | 'tcp';
  readonly answerMode?: 'manual' | 'early' | 'auto';
  readonly expiresSeconds?: number;
}

const ACCOUNT_CODECS: Readonly<Record<BaresipCodec, string>> = {
  opus: 'opus/48000/2',
  pcmu: 'PCMU/8000/1',
  pcma: 'PCMA/8000/1',
};

export function writeBaresipSettings(folder: string, settings: BaresipSettings): void {
  writeFileSync(join(folder, 'config'), configOf(folder, settings));
  writeFileSync(join(folder, 'accounts'), `${accountLine(settings)}\n`);
  writeFileSync(join(folder, 'contacts'), '');
}

function configOf(folder: string, settings: BaresipSettings): string {
  const lines = [
    'poll_method epoll',
    `sip_listen ${formatHost(settings.address)}:${settings.sipPort}`,
    `net_interface ${settings.address}`,
    'call_local_timeout 120',
    'call_max_calls 8',
    'module_path /usr/lib/baresip/modules',
    // No ringing sounds are wanted; a folder that is not there makes none.
    'audio_path /nonexistent',
    // Of the modules without hardware only aubridge plays, and only ausine makes tones: 48 kHz stereo, which
    // baresip resamples for G.711.
    'audio_player aubridge,sink',
    'audio_alert aubridge,alert',
    ...sourceLines(settings.sound),
    `rtp_ports ${settings.rtpPorts[0]}-${settings.rtpPorts[1]}`,
    `snd_path ${folder}`,
    'module opus.so',
    'module g711.so',
    'module sndfile.so',
    // Conceals lost packets of G.711, and takes no rate of Opus, which does so itself. What is decoded passes the filters
    // from the last to the first: the recorder is to hear it.
    ...(settings.codecs.includes('opus') ? [] : ['module plc.so']),
    'module ausine.so',
    'module aufile.so',
    'module aubridge.so',
    'module_tmp uuid.so',
    'module_tmp account.so',
    'module_app menu.so',
    // Says at the end of a call what was sent, received, lost, and how it jittered.
    'module_app rtcpsummary.so',
    'module_app debug_cmd.so',
    'module_app ctrl_tcp.so',
    `ctrl_tcp_listen 127.0.0.1:${settings.controlPort}`,
  ];
  return `${lines.join('\n')}\n`;
}

function sourceLines(sound: BaresipSettings['sound']): readonly string[] {
  if (sound === 'echo') return ['audio_source aubridge,sink'];
  const source = typeof sound === 'number' ? `ausine,${sound}` : `aufile,${sound.file}`;
  return [`audio_source ${source}`, 'ausrc_srate 48000', 'ausrc_channels 2'];
}

function accountLine({ account, address, sipPort, codecs }: BaresipSettings): string {
  const transport = account.transport ? `;transport=${account.transport}` : '';
  const parameters = [
    `regint=${account.registrar ? (account.expiresSeconds ?? 3600) : 0}`,
    `answermode=${account.answerMode ?? 'manual'}`,
    `audio_codecs=${codecs.map((codec) => ACCOUNT_CODECS[codec]).join(',')}`,
    'ptime=20',
    ...(account.password === undefined ? [] : [`auth_pass=${account.password}`]),
  ];
  const host = account.registrar ?? `${formatHost(address)}:${sipPort}`;
  return `<sip:${account.user}@${host}${transport}>;${parameters.join(';')}`;
}
