// The callback URL of each attempt: it contains a secret, of which only the hash is stored.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Context } from '../../context.ts'
import { forgottenAttemptById } from './forgotten-rows.ts'
import type { ForgottenAttempt } from './forgotten-rows.ts'
import { attemptById } from '../attempts.ts'
import type { AttemptRow } from '../attempts.ts'

/** Below our public address; attempt id and token follow. */
export const callbacksPath = '/callbacks/keevx'

const tokenBytes = 32
/** From the start of the attempt: long enough to learn about work that was finished far too late. */
export const tokenLifeMs = 7 * 24 * 60 * 60_000
/** Compared with if the attempt is unknown; no token has this hash. */
const nobodysHash = hashOf(randomBytes(tokenBytes).toString('base64url')).toString('hex')

/** The attempt that a callback belongs to; `forgotten`: its order is missing from this copy of the store. */
export type Admitted = Pick<AttemptRow, 'id' | 'requestId'> & { readonly forgotten?: ForgottenAttempt }

export interface Callback {
  readonly url: string
  readonly tokenHash: string
}

/** The token is in the URL and nowhere else. */
export function newCallback(origin: string, attemptId: string): Callback {
  const token = randomBytes(tokenBytes).toString('base64url')
  return {
    url: `${origin}${callbacksPath}/${attemptId}/${token}`,
    tokenHash: hashOf(token).toString('hex'),
  }
}

/** The attempt with this token; null for a wrong id, a wrong or an expired token, all in the same time. */
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

/** Whether this store has no such attempt: its order may be newer than the restored copy. */
export async function isUnknownAttempt(ctx: Context, attemptId: string): Promise<boolean> {
  const [known] = await attemptById(ctx.db.read, { id: attemptId })
  const [forgotten] = await forgottenAttemptById(ctx.db.read, { id: attemptId })
  return !known && !forgotten
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
