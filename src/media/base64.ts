// Reads the base64 of a data: URI piece by piece, in every form in which it can be meant.
import { stripBlanks } from '../characters.ts'

/** Small enough that a piece holds nobody up. */
const pieceLength = 64 * 1024
/** Type and parameters; what it calls itself is not believed. */
const headLengthMax = 200
const lettersOfGroup = 4
const paddingMax = 2
/** Longer indents are no indents. */
const indentMax = 200

/** What it is written with is no base64, or it is no base64 at all. */
export class NotBase64 extends Error {}

/**
 * The bytes, in pieces. Line breaks with an indent, percent escapes and the URL-safe alphabet are taken, and padding
 * may be left out. A space in a line is not: a + becomes one where a form was decoded once too often. Throws NotBase64.
 */
export function* bytesOfBase64Uri(text: string): Generator<Buffer> {
  const uri = stripBlanks(text)
  const comma = uri.slice(0, headLengthMax).indexOf(',')
  if (comma < 0 || !isBase64Head(uri.slice(0, comma))) throw new NotBase64()
  let escape = ''
  let group = ''
  let padding = 0
  let brokeOff = false
  for (let at = comma + 1; at < uri.length; at += pieceLength) {
    const cut = escape + uri.slice(at, at + pieceLength)
    // An escape may be cut in two.
    escape = at + pieceLength < uri.length ? (/%[0-9a-f]?$/i.exec(cut)?.[0] ?? '') : ''
    const piece = unescaped(cut.slice(0, cut.length - escape.length))
    const letters = lettersOf(brokeOff ? piece.replace(/^[\r\n\t ]+/, '') : piece)
    brokeOff = /[\r\n][\t ]*$/.test(piece.slice(-indentMax)) || (brokeOff && letters === '')
    const end = letters.indexOf('=')
    const signs = end < 0 ? letters : letters.slice(0, end)
    if (padding > 0 && signs !== '') throw new NotBase64()
    if (end >= 0) padding += letters.length - end
    if (padding > paddingMax || !/^[A-Za-z0-9+/]*$/.test(signs)) throw new NotBase64()
    if (end >= 0 && !/^=*$/.test(letters.slice(end))) throw new NotBase64()
    group += signs
    const whole = group.length - (group.length % lettersOfGroup)
    // Empty for a piece of line breaks alone, so that whoever reads gets a turn.
    yield Buffer.from(group.slice(0, whole), 'base64')
    group = group.slice(whole)
  }
  if (group !== '') yield Buffer.from(group, 'base64')
}

function isBase64Head(head: string): boolean {
  return /^data:[^]*;base64$/i.test(unescaped(head).replaceAll(/\s/g, ''))
}

/** Of the usual alphabet, with nothing between them. */
function lettersOf(piece: string): string {
  if (/^[A-Za-z0-9+/]*$/.test(piece)) return piece
  return piece
    .replaceAll(/[\r\n][\r\n\t ]*/g, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/')
}

/** What is escaped wrongly stays, and is no letter. */
function unescaped(text: string): string {
  if (!text.includes('%')) return text
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_escape, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )
}
