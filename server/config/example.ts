// The documented configuration that `patchcord config example` prints. A test holds that it is valid.

/** Every setting with its default, as comments; valid as it stands. */
export const EXAMPLE_CONFIGURATION = `# patchcord.yaml: the configuration of "patchcord serve".
#
# Nothing here is needed for the first call. Flags beat environment beats this file: "media.ports" is also
# --media-ports and PATCHCORD_MEDIA_PORTS. A name that is not known is refused.

# Where accounts, bindings and call records are kept. Relative to the folder in which the server is started.
dataFolder: patchcord-data

# Domain of local addresses (alice@REALM) and realm of the passwords. Chosen when the data folder is made; it cannot
# change later without new passwords.
# realm: example.org

# More host names that mean this server. Its own addresses always do.
domains: []

# Where SIP listens: numeric addresses with a port, or "off". Without these lines: every address, port 5060.
# sip:
#   udp: ["0.0.0.0:5060", "[::]:5060"]
#   tcp: ["0.0.0.0:5060", "[::]:5060"]

# How passwords are proven, the preferred way first. Some phones (baresip 1.0, sipp 3.6) know MD5 alone and give up
# where SHA-256 is offered beside it: for them, write [MD5].
digest: [SHA-256, MD5]

# The address by which phones elsewhere reach this server, where a NAT that forwards its ports stands before it. In a list,
# one of each kind: public and private, IPv4 and IPv6; each phone is told the one of its own kind.
# advertisedAddress: 203.0.113.7

# Networks whose phones reach this server without that NAT, and are told its own address; "off" where there are none.
# Without this line: the private networks of its interfaces, and every private address unless one is advertised.
# insideNetworks: [10.0.0.0/8, "fd00::/8"]

media:
  # UDP ports for sound. A call takes four.
  ports: 10000-20000
  # Threads that relay sound. Without this line: one a core, eight at most.
  # workers: 2
  # How they reach the network: "linux" by system calls, which costs less; "node" as Node.js does everywhere; "auto" by
  # the first where it works.
  sockets: auto
  # A call in which nothing arrives any more ends after so long.
  inactivitySeconds: 60
  # Each phone is offered what the other one has, and behind it these codecs: sound is converted where phones share
  # none. With "false" such calls are refused.
  transcoding: true
  # What is converted and played, the preferred first. Without this line, these; l16 besides, where it is named.
  # codecs: [opus, g722, pcmu, pcma]
  # Who decodes and encodes Opus: libopus-wasm, opusscript, or system: the libopus of this machine, which takes two thirds
  # of the time and needs the package koffi.
  opusEngine: libopus-wasm
  # Copies of sound (RFC 2198): "auto" offers them, and sends them to a phone that knows them and loses packets; or "off".
  redundancy: auto
  # Two phones that know ICE speak past this server where their networks let them: "auto"; not in calls that are recorded
  # (also by *1), that need conversion, or where hold music is configured. With "off", all sound goes through the server.
  direct: auto
  # What a party hears whom the other has put on hold: a WAV or Ogg Opus file. Without this line: what that one's phone sends.
  # holdMusic: music.wav

# STUN and TURN: phones behind NATs learn their addresses here, and are relayed where they do not reach each other
# directly. Phones of ours are given credentials when they register. "turn: off" has none of it.
turn:
  # Where they listen: numeric addresses with a port, or "off". Without these lines: the addresses of SIP, port 3478; if
  # another program has that port, the server does without. TLS only with a certificate and its key (PEM files), port 5349.
  # udp: ["0.0.0.0:3478", "[::]:3478"]
  # tcp: ["0.0.0.0:3478", "[::]:3478"]
  # tls: ["0.0.0.0:5349", "[::]:5349"]
  # "patchcord nat SERVER" finds out what a NAT does by asking at a second port, and at a second address where there is one
  # (RFC 5780). "auto": the port after that of udp, and two public addresses of this machine where it has them; or which:
  # "198.51.100.2:3479", "198.51.100.2", "3479"; or "off".
  otherAddress: auto
  # certificate: turn.crt
  # key: turn.key
  # UDP ports of relays.
  relayPorts: 49152-65535
  # Relays at a time: of one user, and in all.
  perUser: 64
  total: 4096
  # What one relay may carry in each direction. Without this line: no limit.
  # maxKilobits: 512
  # Whom relays may reach though the address is private or of this machine, and whom never: addresses or prefixes.
  allowPeers: []
  denyPeers: []
  # Programs that know this secret make credentials for browsers and other phones, as they do for coturn's use-auth-secret:
  # the user name is "EXPIRY:NAME", with the Unix time of its end in seconds, and the password is
  # base64(HMAC-SHA1(secret, user name)). Without this line: one that only this server knows.
  # secret: 16 characters or more
  # How long a phone may use what it was given with its last registration.
  credentialHours: 24

# Who is told by SIP (PUBLISH, RFC 6035) how good each leg of a call was, besides the call records.
# quality:
#   collector: sip:collector.example.org

# A Homer server that all SIP of this server and the quality of its calls are sent to (HEP version 3). Passwords' proofs
# and keys are masked; numbers, names and texts are not: whoever reads there reads who called whom.
# hep:
#   address: homer.example.org:9060
#   captureId: 2001
#   password: secret of the capture
#   transport: udp

# error, warn, info, debug or silent; JSON lines on standard error.
log: warn

# How long phones ring at most.
ringSeconds: 60

# How long live calls may go on after SIGTERM.
drainSeconds: 30

# Calls at once; more are refused with 503.
maxCalls: 2000

# Files (WAV or Ogg Opus) that a caller hears before a call is refused. Without these lines: the caller's phone says so.
# announcements:
#   busy: busy.wav
#   noAnswer: no-answer.wav
#   unknownNumber: unknown-number.wav
#   unavailable: unavailable.wav

# Recordings of calls, and of rooms that ask for it. README.md of the server tells what is in their files.
recording:
  # Where they go; DATA-FOLDER/recordings without this line.
  # folder: /var/spool/patchcord
  # Which calls: never, always, or onDemand: either party begins and ends it with *1.
  calls: never
  # opus (Ogg) takes a twentieth of wav.
  format: opus
  # A file for each party besides the mix.
  tracks: true
  # A short tone to both parties when it begins, and when *1 ends it.
  beep: true

# Conference rooms. Without any of these lines 3000 is one. Here stands what holds for all rooms.
conference:
  # Rooms that exist only while somebody is in them: a number, FIRST-LAST, or the beginning of names ("meet-*"); "off".
  # A user who is called so is called instead.
  onDemand: ["3000"]
  maxMembers: 100
  # How comings and goings are told: tones, counts ("there are 3 people") or none.
  announce: tones
  # Whose keys members press: confbridge (as in Asterisk), freeswitch or none. The README of the server lists them.
  keys: confbridge
  # Talkers that are mixed at once, 1 to 32.
  maxTalkers: 5
  # Whether voices are brought to one loudness, and the noise between words is turned down.
  automaticGain: true
  noiseGate: true
  # How often the levels of talkers are told as events, in milliseconds; 0 is never.
  levelIntervalMs: 0
  # A folder with own recordings (WAV or Ogg Opus) of prompts, named as those in server/room/prompts/en.
  # prompts: my-prompts

# Rooms by name, each with what departs from that; all of it may stand under "conference" as well.
rooms: {}
#  lounge:
#    # Digits in quotes. Three wrong ones end the call.
#    pin: "1234"
#    # Makes a moderator; users may be moderators without it. Where there is neither, whoever came first is one.
#    moderatorPin: "9999"
#    moderators: [alice]
#    # Nobody hears anybody before a moderator is there; when the last one leaves, the others wait again, or the room
#    # ends, or all stay: wait, end, stay.
#    waitForModerator: true
#    whenModeratorLeaves: wait
#    # Only moderators are heard.
#    listenOnly: false
#    # Opens locked: only moderators come in.
#    locked: false
#    # Phones with stereo hear where members are.
#    spatial: true
#    # Recorded from its beginning.
#    record: false

# Users, besides those of "patchcord user add". What stands here is set again at every start.
users: {}
#  alice:
#    password: change me, 3 words or more
#    displayName: Alice
#    # A target is a user, a number or a SIP URI.
#    forward:
#      # always: bob
#      busy: bob
#      noAnswer: { target: sip:alice@mobile.example.org, afterSeconds: 20 }
#      unreachable: bob
`;
