// Reports as the standard and phones write them.

/** In the form of RFC 6035 §4.6.2, folded line included. */
export const STANDARD_LINES = [
  'VQSessionReport: CallTerm',
  'CallID: 6dg37f1890463',
  'LocalID: Alice <sip:alice@example.org>',
  'RemoteID: Bill <sip:bill@example.net>',
  'OrigID: Alice <sip:alice@example.org>',
  'LocalGroup: example-phones-1',
  'RemoteGroup: example-phones-2',
  'LocalAddr: IP=10.10.1.100 PORT=5000 SSRC=1a3b5c7d',
  'LocalMAC: 00:1f:5b:cc:21:0f',
  'RemoteAddr: IP=11.1.1.150 PORT=5002 SSRC=0x2468abcd',
  'RemoteMAC: 00:26:08:8e:95:02',
  'LocalMetrics:',
  'Timestamps: START=2004-10-10T18:23:43Z STOP=2004-10-10T18:26:02Z',
  'SessionDesc: PT=18 PD=G729 SR=8000 FD=20 FO=20 FPP=2 PPS=50',
  ' FMTP="annexb=no PPS=7" PLC=3 SSUP=on',
  'JitterBuffer: JBA=3 JBR=2 JBN=40 JBM=80 JBX=120',
  'PacketLoss: NLR=5.0 JDR=2.0',
  'BurstGapLoss: BLD=0 BD=0 GLD=2.0 GD=500 GMIN=16',
  'Delay: RTD=200 ESD=140 SOWD=200 IAJ=2 MAJ=10',
  'Signal: SL=-18 NL=-50 RERL=55',
  'QualityEst: RLQ=88 RCQ=85 EXTRI=90 MOSLQ=4.1 MOSCQ=4.0',
  ' QoEEstAlg=P.564',
  'RemoteMetrics:',
  'Timestamps: START=2004-10-10T18:23:43Z STOP=2004-10-10T18:26:02Z',
  'PacketLoss: NLR=1.0 JDR=0.5',
  'QualityEst: MOSLQ=4.3',
  'DialogID: 38419823470834;to-tag=8472761;from-tag=9123dh311',
];

/** As an older phone writes it: no spaces, odd cases, a missing space, drafts' names, decimal SSRC. */
export const PHONE_LINES = [
  'VQSessionReport',
  'LocalMetrics:',
  'TimeStamps:START=2015-11-20T08:43:05Z STOP=2015-11-20T08:46:30Z',
  'SessionDesc:PT=9 PPS=50 SSUP=off',
  'CallID:41a24694-78e60cfb@10.2.0.52',
  'LocalAddr:IP=10.2.0.51 PORT=2302 SSRC=3825483318',
  'RemoteAddr:IP=10.2.0.52 PORT=2274 SSRC=0x1F634EA2',
  'JitterBuffer:JBA=3 JBR=2 JBN=20 JBM=20JBX=240',
  'PacketLoss:NLR=101 JDR=none',
  'Delay:RTD=2 ESD=239 OWD=240 IAJ=0',
  'Signal:RERL=127',
  'QualityEst:RLQ=94 RCQ=82 MOSLQ=3.8 MOSCQ=3.4,',
];
