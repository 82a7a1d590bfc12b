#!/bin/sh
# Makes the spoken prompts of conference rooms: server/room/prompts/en/*.opus, mono, about 16 kbit/s.
# Needs espeak-ng and opusenc (Debian: espeak-ng, opus-tools). The files are committed; run this after changing a text.
set -eu
cd "$(dirname "$0")/../server/room/prompts"
wav=$(mktemp)
trap 'rm -f "$wav"' EXIT

# say NAME TEXT
say() {
  espeak-ng -v en-us -s 155 -a 90 -w "$wav" "$2"
  # A fixed serial number, and no padding for tags: the same text gives the same bytes.
  opusenc --quiet --speech --bitrate 16 --framesize 20 --downmix-mono --serial 1 --padding 0 --discard-comments \
    "$wav" "en/$1.opus"
}

mkdir -p en
rm -f en/*.opus
say enter-pin "Please enter the pin, then press pound."
say wrong-pin "That pin is not right."
say no-more-tries "Too many wrong tries. Goodbye."
say full "This conference is full."
say locked "This conference is locked."
say wait-for-moderator "Please wait. The conference begins when the moderator is here."
say moderator-left "The moderator has left."
say conference-over "The conference is over."
say kicked "You were removed from this conference."
say muted "You are muted."
say unmuted "You are no longer muted."
say all-muted "All others are muted."
say all-unmuted "All others may speak."
say now-locked "The conference is now locked."
say now-unlocked "The conference is now unlocked."
say recording-on "This conference is being recorded."
say recording-off "The recording has ended."
say only-one "You are the only one in this conference."
say there-are "There are"
say people "people in this conference."
say more-than "more than"
say menu-confbridge "Press 1 to mute or unmute yourself. 5 for the number of people. 7 to speak more quietly, 9 to speak louder. 8 to leave."
say menu-confbridge-moderator "Press 1 to mute or unmute yourself. 2 to lock or unlock the conference. 3 to remove the last one who joined. 0 to mute or unmute all others. 5 for the number of people. 7 to speak more quietly, 9 to speak louder."

for number in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 30 40 50 60 70 80 90; do
  say "$number" "$number"
done
