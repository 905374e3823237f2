// Signs deliveries by Standard Webhooks: HMAC-SHA256 over id, time and body, one signature per live secret.
import { createHmac, randomBytes } from 'node:crypto'

const prefix = 'whsec_'
/** The scheme requires 24 to 64. */
const secretBytes = 32

/** A new secret, in the form in which it is shown once. */
export const newSecret = (): string => `${prefix}${randomBytes(secretBytes).toString('base64')}`

export interface Message {
  /** The same for every try of this delivery. */
  readonly id: string
  /** When this try is made, in milliseconds. */
  readonly nowMs: number
  readonly body: string
}

/** The headers by which a receiver verifies that the message is ours, complete and recent. */
export function signedHeaders({ id, nowMs, body }: Message, secrets: readonly string[]) {
  const seconds = String(Math.floor(nowMs / 1000))
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures.join(' ') }
}
