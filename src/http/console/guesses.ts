// Bounds wrong passwords by account: beside the limit by address, which an attacker with many addresses does not feel.
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { GatewayError } from '../../errors.ts'

/** Enough for somebody who has forgotten which of three it was. */
const triesMax = 10
const overSeconds = 15 * 60

export interface Guesses {
  /** Call it before a password is checked. Throws rate_limited. */
  count(account: string): Promise<void>
  /** The password was right: whose account it is has not guessed. */
  forgive(account: string): Promise<void>
}

/**
 * Counted by what is typed, whether there is such an account or not: so the bound does not tell. In memory, because what
 * strangers send must not have the store written to.
 */
export function createGuesses(): Guesses {
  const tries = new RateLimiterMemory({
    points: Number.MAX_SAFE_INTEGER,
    duration: overSeconds,
    keyPrefix: 'password',
  })
  return {
    async count(account) {
      const { consumedPoints, msBeforeNext } = await tries.consume(account)
      if (consumedPoints > triesMax) throw tooManyTries(msBeforeNext)
    },
    async forgive(account) {
      await tries.delete(account)
    },
  }
}

const tooManyTries = (retryAfterMs: number) =>
  new GatewayError(
    'rate_limited',
    {
      en: 'Too many passwords were tried for this account. Nobody was signed in. Wait for as long as Retry-After says, or sign in with a key or a link from your provider.',
      zh: '该账户尝试密码的次数过多。未登录。请按 Retry-After 指示的时间等待,或使用密钥、服务商提供的链接登录。',
    },
    { retryAfterMs },
  )
