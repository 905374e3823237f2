// The form of a redemption code: `tg-XXXXX-XXXXX-XXXXX-XXXXX`, and what people make of it when they type it.
import { hash } from 'node:crypto'
import { randomText } from '../../ids.ts'

/** Letters and digits without 0 O 1 I L, which are taken for one another. */
const alphabet = '23456789ABCDEFGHJKMNPQRSTUVWXYZ'
/** 20 of 31 hold 99 bits. */
const symbols = 20
const symbolsOfGroup = 5
const beginning = 'TG'
/** Longer than any way to write a code, with a space between all of its letters. */
const writtenMax = 200

export function newCode(): string {
  const text = randomText(symbols, alphabet)
  const groups = Array.from({ length: symbols / symbolsOfGroup }, (_, at) =>
    text.slice(at * symbolsOfGroup, (at + 1) * symbolsOfGroup),
  )
  return ['tg', ...groups].join('-')
}

/** The stored form of whatever has been typed; null if it cannot be a code. */
export function hashOfCode(written: string): string | null {
  const code = symbolsOf(written)
  return code === null ? null : hash('sha256', code, 'hex')
}

/** Case, spaces, hyphens of any kind, full-width letters and the beginning do not matter. */
function symbolsOf(written: string): string | null {
  if (written.length > writtenMax) return null
  const plain = written
    .normalize('NFKC')
    .toUpperCase()
    .replaceAll(/[\s\p{Pd}\p{Cf}\u2212_]+/gu, '')
  const code = plain.length > symbols && plain.startsWith(beginning) ? plain.slice(beginning.length) : plain
  return code.length === symbols && [...code].every((symbol) => alphabet.includes(symbol)) ? code : null
}

/** The part of a code that may be shown again: 74 bits are left to guess. */
export const prefixOfCode = (code: string): string => `${code.slice(0, 'tg-XXXXX'.length)}-…`
