// The key that a customer signed in with, kept for the examples of the documentation: readable with the token of the session alone.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { eq } from '../db/drizzle.ts'
import type { Connection } from '../db/database.ts'
import { hashOfToken } from './tokens.ts'

const cipherName = 'aes-256-gcm'
const keyBytes = 32
const ivBytes = 12
const tagBytes = 16

/**
 * The store has the hash of the token, from which nothing leads to the token, nor to a key that is derived of it: a copy
 * of the store opens nothing.
 */
const sealingKey = (token: string): Buffer =>
  Buffer.from(hkdfSync('sha256', token, '', 'tollgate: the key of a session', keyBytes))

export function sealKey(token: string, secret: string): string {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv(cipherName, sealingKey(token), iv, { authTagLength: tagBytes })
  const sealed = [cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]
  return Buffer.concat([iv, ...sealed]).toString('base64url')
}

/** Null: it was sealed with another token, or the row was changed. */
function openKey(token: string, sealed: string): string | null {
  const bytes = Buffer.from(sealed, 'base64url')
  const [iv, tag] = [bytes.subarray(0, ivBytes), bytes.subarray(-tagBytes)]
  try {
    const decipher = createDecipheriv(cipherName, sealingKey(token), iv, { authTagLength: tagBytes })
    decipher.setAuthTag(tag)
    return decipher.update(bytes.subarray(ivBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    return null
  }
}

/** The key that opened the session of this token; null: no key did. Whether the session goes on is checked before. */
export async function keyShownTo(read: Connection, token: string): Promise<string | null> {
  const { sessions } = read.tables
  const [session] = await read
    .select({ sealedKey: sessions.sealedKey })
    .from(sessions)
    .where(eq(sessions.hash, hashOfToken(token)))
  return session?.sealedKey ? openKey(token, session.sealedKey) : null
}
