// Bounds passwords before they are checked: by account, whatever the address, and by address, whatever the account.
import { RateLimiterMemory } from 'rate-limiter-flexible'
import { GatewayError } from '../../errors.ts'

/** Enough for somebody who has forgotten which of three it was. */
const ofAccountMax = 10
/** Enough for an office; one password for many accounts is tried no faster. */
const ofAddressMax = 100
const overSeconds = 15 * 60

export interface Guesser {
  /** As it is typed. */
  readonly account: string
  /** Of the network that it comes from. */
  readonly address: string
}

export interface Guesses {
  /** Call it before a password is checked. Throws rate_limited. */
  count(by: Guesser): Promise<void>
  /** The password was right: nobody has guessed. */
  forgive(by: Guesser): Promise<void>
}

/**
 * Counted by what is typed, whether there is such an account or not: so the bound does not tell. In memory, because what
 * strangers send must not have the store written to.
 */
export function createGuesses(): Guesses {
  const counter = (keyPrefix: string) =>
    new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: overSeconds, keyPrefix })
  const [accounts, addresses] = [counter('account'), counter('address')]
  return {
    async count({ account, address }) {
      const ofAddress = await addresses.consume(address)
      if (ofAddress.consumedPoints > ofAddressMax) throw tooManyTries(ofAddress.msBeforeNext)
      const ofAccount = await accounts.consume(account)
      if (ofAccount.consumedPoints > ofAccountMax) throw tooManyTries(ofAccount.msBeforeNext)
    },
    async forgive({ account, address }) {
      await accounts.delete(account)
      await addresses.reward(address)
    },
  }
}

const tooManyTries = (retryAfterMs: number) =>
  new GatewayError(
    'rate_limited',
    {
      en: 'Too many passwords were tried for this account, or from this address. Nobody was signed in. Wait for as long as Retry-After says, or sign in with a key or a link from your provider.',
      zh: '该账户或该地址尝试密码的次数过多。未登录。请按 Retry-After 指示的时间等待,或使用密钥、服务商提供的链接登录。',
    },
    { retryAfterMs },
  )
