// Tokens of sessions and of links: 256 random bits, of which the store has only the hash.
import { hash } from 'node:crypto'
import { randomText } from '../ids.ts'

/** Letters and digits: 43 hold 256 bits. */
const tokenLength = 43
const tokenForm = /^[0-9A-Za-z]{43}$/

export const newToken = (): string => randomText(tokenLength)

/** What has another form is no token, and is not looked up. */
export const looksLikeToken = (text: string): boolean => tokenForm.test(text)

/** The stored form. Fast on purpose: nobody guesses 256 bits. */
export const hashOfToken = (token: string): string => hash('sha256', token, 'hex')

/**
 * Binds an operator's session to the operator's own token, so that it ends when that is another one. With the
 * session's token in it, which the store does not have, nobody can try tokens of operators against the store.
 */
export const proofOf = (token: string, operatorTokenHash: string): string =>
  hash('sha256', `${token} ${operatorTokenHash}`, 'hex')
