// The URL that an upstream calls back: each attempt has its own, with a secret in it of which only the hash is kept.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Context } from '../../context.ts'
import { forgottenAttemptById } from './forgotten-rows.ts'
import type { ForgottenAttempt } from './forgotten-rows.ts'
import { attemptById } from '../store.ts'
import type { AttemptRow } from '../store.ts'

/** Below the address by which the outside reaches us; attempt id and token follow. */
export const callbacksPath = '/callbacks/keevx'

const tokenBytes = 32
/** From the start of the attempt: long enough to learn of work that was made far too late. */
export const tokenLifeMs = 7 * 24 * 60 * 60_000
/** Compared where there is nothing to compare with; no token has it. */
const nobodysHash = hashOf(randomBytes(tokenBytes).toString('base64url')).toString('hex')

/** The attempt that a callback belongs to; `forgotten`: of an order that this copy of the store does not know. */
export type Admitted = Pick<AttemptRow, 'id' | 'requestId'> & { readonly forgotten?: ForgottenAttempt }

export interface Callback {
  readonly url: string
  readonly tokenHash: string
}

/** The token stands in the URL and nowhere else. */
export function newCallback(origin: string, attemptId: string): Callback {
  const token = randomBytes(tokenBytes).toString('base64url')
  return {
    url: `${origin}${callbacksPath}/${attemptId}/${token}`,
    tokenHash: hashOf(token).toString('hex'),
  }
}

/** The attempt whose secret this is; null for a wrong id, a wrong token and one too old, all for the same work. */
export async function admitCallback(
  ctx: Context,
  attemptId: string,
  token: string,
): Promise<Admitted | null> {
  const [known] = await attemptById(ctx.db.read, { id: attemptId })
  const [forgotten] = await forgottenAttemptById(ctx.db.read, { id: attemptId })
  const attempt = known ?? forgotten
  const expected = Buffer.from(attempt?.callbackTokenHash ?? nobodysHash, 'hex')
  const isRight = timingSafeEqual(hashOf(token), expected)
  if (!attempt || !isRight) return null
  const isOld = ctx.clock.now() - attempt.startedAt >= tokenLifeMs && ctx.time.mayEnd(tokenLifeMs)
  const admitted = forgotten && !known ? { ...attempt, forgotten } : attempt
  return isOld ? null : admitted
}

/** Whether there is no such attempt here: its order may have been made after the copy that was restored. */
export async function isUnknownAttempt(ctx: Context, attemptId: string): Promise<boolean> {
  const [known] = await attemptById(ctx.db.read, { id: attemptId })
  const [forgotten] = await forgottenAttemptById(ctx.db.read, { id: attemptId })
  return !known && !forgotten
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
