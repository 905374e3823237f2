// Encrypts webhook secrets with a key that is not in the store, so that a copy of the store alone reveals no secret.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { ownerOnly, syncToDisk } from '../../disk/sync.ts'
import { makeFolder } from '../../disk/folder.ts'
import { randomText } from '../../ids.ts'

const keyBytes = 32
const ivBytes = 12
const tagBytes = 16
const version = 'v1'

/** The secrets cannot be read or written at present; the message tells the operator what to do. */
export class SealingRefused extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'SealingRefused'
  }
}

export interface KeySource {
  /** 32 bytes in base64; null: the file in `dataDir`. */
  readonly sealingKey: string | null
  readonly dataDir: string
}

/** The key of this gateway. Throws SealingRefused if none is configured, and the file is missing or holds none. */
export const sealingKeyOf = ({ sealingKey, dataDir }: KeySource): Buffer =>
  sealingKey === null ? readKey(dataDir) : Buffer.from(sealingKey, 'base64')

/** The same, but makes the file if it is missing. */
export const sealingKeyMade = ({ sealingKey, dataDir }: KeySource): Buffer =>
  sealingKey === null ? makeKey(dataDir) : Buffer.from(sealingKey, 'base64')

export const keyFileIn = (dataDir: string): string => join(dataDir, 'sealing.key')

/** Throws SealingRefused if the file is missing or holds no valid key. */
export function readKey(dataDir: string): Buffer {
  const file = keyFileIn(dataDir)
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new SealingRefused(
      `${file}, which opens the webhook secrets, cannot be read (${code}). ${restoreAdvice}`,
    )
  }
  const key = Buffer.from(text, 'base64')
  if (key.length === keyBytes) return key
  throw new SealingRefused(`${file} holds no key of ${keyBytes} bytes in base64. ${restoreAdvice}`)
}

const restoreAdvice =
  'Webhooks wait, and none is sent unsigned. Put the key back as it was, as SEALING_KEY or as the file. If it is lost ' +
  'for good, write a new one (openssl rand -base64 32), and have every customer ask for a new secret.'

/** Creates the key if there is none; if several processes do so at once, one wins and all use its key. */
export function makeKey(dataDir: string): Buffer {
  const file = keyFileIn(dataDir)
  // Otherwise a hundred first deliveries at once would each write and sync a draft.
  if (existsSync(file)) return readKey(dataDir)
  makeFolder(dataDir)
  const draft = `${file}.${randomText(8)}`
  const handle = openSync(draft, 'wx', ownerOnly)
  try {
    writeSync(handle, `${randomBytes(keyBytes).toString('base64')}\n`)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  try {
    // Unlike a rename, a link never replaces an existing file.
    linkSync(draft, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    rmSync(draft)
  }
  syncToDisk(dirname(file))
  return readKey(dataDir)
}

/** Bound to the account: in the row of another account it does not decrypt. */
export function seal(key: Buffer, accountId: string, text: string): string {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes })
  cipher.setAAD(Buffer.from(accountId))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return [version, fingerprint(key), Buffer.concat([iv, sealed]).toString('base64url')].join('.')
}

/** Throws SealingRefused if it was sealed with another key, or was changed. */
export function unseal(key: Buffer, accountId: string, sealed: string): string {
  if (!isSealedWith(key, sealed)) {
    throw new SealingRefused(
      `The webhook secret of ${accountId} was sealed with another sealing key than this one. ${restoreAdvice}`,
    )
  }
  const [, , content = ''] = sealed.split('.')
  const bytes = Buffer.from(content, 'base64url')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, ivBytes), {
      authTagLength: tagBytes,
    })
    decipher.setAAD(Buffer.from(accountId))
    decipher.setAuthTag(bytes.subarray(-tagBytes))
    const text = decipher.update(bytes.subarray(ivBytes, -tagBytes), undefined, 'utf8')
    return text + decipher.final('utf8')
  } catch {
    throw new SealingRefused(
      `The webhook secret of ${accountId} does not open: its row was changed. Its owner can ask for a new one.`,
    )
  }
}

export const isSealedWith = (key: Buffer, sealed: string): boolean => sealed.startsWith(sealedPrefix(key))

/** With what everything begins that this key has sealed. */
export const sealedPrefix = (key: Buffer): string => `${version}.${fingerprint(key)}.`

/** Tells keys apart without revealing them. */
function fingerprint(key: Buffer): string {
  return createHash('sha256').update('sealing ').update(key).digest('hex').slice(0, 12)
}
