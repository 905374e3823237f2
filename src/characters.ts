// Detects characters that are invisible, or that move the cursor or break lines when printed.

/** Visible characters. Unicode treats the braille blank as a letter, but it looks like a space. */
const visible = /[^\p{White_Space}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u

/**
 * Whether the text has no visible character: only spaces, controls, zero-width characters, fillers, variation
 * selectors.
 */
export function isBlank(text: string): boolean {
  return !visible.test(text)
}

/** Controls, line breaks, and characters that change the direction of the following text. */
const unprintable = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u
const everyUnprintable = new RegExp(unprintable.source, 'gu')

/** Whether a text fits on one line without affecting the text around it. */
export function isOneLine(text: string): boolean {
  return !unprintable.test(text)
}

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** The text on one line, for a terminal: unprintable characters become JSON escapes. */
export function printable(text: string): string {
  return unprintable.test(text) ? text.replace(everyUnprintable, escapeOf) : text
}

function escapeOf(character: string): string {
  return shortEscapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Removes surrounding spaces, line breaks and invisible characters, which copied text often has. */
export function stripBlanks(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && isBlankUnit(text.charCodeAt(start))) start += 1
  while (end > start && isBlankUnit(text.charCodeAt(end - 1))) end -= 1
  return start === 0 && end === text.length ? text : text.slice(start, end)
}

const space = 0x20
const tilde = 0x7e

function isBlankUnit(unit: number): boolean {
  if (unit > space && unit <= tilde) return false
  return unit <= space || isBlank(String.fromCharCode(unit))
}
