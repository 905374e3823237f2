// Makes links that sign a customer in to the console, for the operator API and the command.
import type { Context } from '../context.ts'
import { makeLink } from '../sessions/links.ts'
import { act, idOf } from './act.ts'
import type { Actor, Named } from './act.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** How long a link can be used: as long as a customer may need to read a message. */
export const linkTimes = { shortestMs: minuteMs, usualMs: 72 * hourMs, longestMs: 30 * 24 * hourMs } as const

interface LinkToMake {
  readonly account: Named
  readonly forMs: number
  /** Where the gateway is reached, if PUBLIC_URL does not say. */
  readonly origin: string
}

export interface SignInLink {
  /** The only place where its token is shown. */
  readonly url: string
  readonly expiresAt: number
}

/** Throws like `makeLink`. */
export async function makeSignInLink(
  ctx: Context,
  by: Actor,
  { account, forMs, origin }: LinkToMake,
): Promise<SignInLink> {
  return await act(ctx, by, {
    action: 'createLink',
    async work(tx, nowMs) {
      const target = await idOf(tx, account)
      const expiresAt = nowMs + forMs
      const token = await makeLink(tx, { accountId: target, expiresAt, nowMs })
      // Behind the #, so that no proxy and no log sees the token.
      const url = `${ctx.config.publicUrl ?? origin}/console/#/link/${token}`
      return { result: { url, expiresAt }, changed: { target, after: { expiresAt } } }
    },
  })
}
