// Names of files that a stranger chose, made fit for a folder of ours.

/** Longest name that is kept, in bytes of UTF-8: every file system takes 255, and ` (99)` and `.part` are to fit. */
const LONGEST_NAME_BYTES = 200;

/** An ending longer than this is none. */
const LONGEST_EXTENSION_BYTES = 20;

// Devices of Windows, whatever stands behind the point.
const RESERVED = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)$/i;

/** What some system forbids in a name; streams of NTFS hide behind the colon. */
const FORBIDDEN = /[<>:"|?*]/g;

/** What nobody sees: controls, marks that turn the writing round (`gpj.exe` shown as `exe.jpg`), halves of surrogate pairs. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * The name under which a file that was offered may be stored: the last part of whatever path was given, visible, and
 * legal on every system.
 *
 * @returns undefined where nothing is left of it
 */
export function safeFileName(offered: string): string | undefined {
  const base = offered.split(/[/\\]/).at(-1) ?? '';
  const visible = base.replace(UNSEEN, '').replace(FORBIDDEN, '_').normalize('NFC');
  // A point in front hides a file, one or a space at the end is dropped by Windows.
  const trimmed = trim(shortened(trim(visible)));
  if (trimmed === '') return undefined;
  const [stem = ''] = trimmed.split('.');
  return RESERVED.test(stem.trim()) ? `_${trimmed}` : trimmed;
}

/** The name with a number before its ending: `report (1).pdf`. */
export function numberedName(name: string, number: number): string {
  const { stem, extension } = parts(name);
  return number === 0 ? name : `${stem} (${number})${extension}`;
}

function trim(name: string): string {
  return name.replace(/^[.\s]+|[.\s]+$/g, '');
}

/** Cuts the stem, whole characters only, and keeps the ending. */
function shortened(name: string): string {
  if (byteLength(name) <= LONGEST_NAME_BYTES) return name;
  const { stem, extension } = parts(name);
  let room = LONGEST_NAME_BYTES - byteLength(extension);
  let kept = '';
  for (const character of stem) {
    room -= byteLength(character);
    if (room < 0) break;
    kept += character;
  }
  return kept + extension;
}

function parts(name: string): { readonly stem: string; readonly extension: string } {
  const at = name.lastIndexOf('.');
  const extension = at > 0 ? name.slice(at) : '';
  if (extension === '' || byteLength(extension) > LONGEST_EXTENSION_BYTES)
    return { stem: name, extension: '' };
  return { stem: name.slice(0, at), extension };
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
