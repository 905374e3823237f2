// Which characters of a text are invisible, or move the cursor or the lines of whoever prints it.

/** Anything that leaves a mark. The braille blank is a letter to Unicode, and looks like a space. */
const visible = /[^\p{White_Space}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u

/** Whether nothing of the text can be seen: spaces, controls, zero-width signs, fillers, variation selectors. */
export function isBlank(text: string): boolean {
  return !visible.test(text)
}

/** Controls, line breaks, and what turns the direction of everything that follows. */
const unprintable = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u
const everyUnprintable = new RegExp(unprintable.source, 'gu')

/** Whether a text can be shown on one line without changing anything around it. */
export function isOneLine(text: string): boolean {
  return !unprintable.test(text)
}

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** The same text on one line, for a terminal: what is no sign stands there as JSON would write it. */
export function printable(text: string): string {
  return unprintable.test(text) ? text.replace(everyUnprintable, escapeOf) : text
}

function escapeOf(character: string): string {
  return shortEscapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Without the spaces, line ends and invisible signs around it, as a text has them that was copied from elsewhere. */
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
