// How often somebody may ask: by account once we know who it is, by address as long as we do not.
import ipaddr from 'ipaddr.js'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { FastifyRequest } from 'fastify'
import type { Caller } from '../accounts/keys.ts'
import type { Config } from '../config/config.ts'
import { GatewayError } from '../errors.ts'

const minuteSeconds = 60
/** The limiter only counts; each account's own limit is compared with the count. */
const countOnly = Number.MAX_SAFE_INTEGER

export interface Limits {
  /** Whether the account has a limit at all. */
  limits(caller: Caller): boolean
  /** Throws rate_limited when the account has asked too often this minute. */
  account(caller: Caller): Promise<void>
  /** To be told of every request that showed no valid key. Throws rate_limited when there are too many. */
  stranger(request: FastifyRequest): Promise<void>
}

export function createLimits(limits: Config['limits']): Limits {
  const accounts = new RateLimiterMemory({ points: countOnly, duration: minuteSeconds, keyPrefix: 'account' })
  const strangers = new RateLimiterMemory({
    points: countOnly,
    duration: minuteSeconds,
    keyPrefix: 'stranger',
  })
  const count = async (limiter: RateLimiterMemory, key: string, max: number | null) => {
    if (max === null || max === 0) return
    const { consumedPoints, msBeforeNext } = await limiter.consume(key)
    if (consumedPoints > max) throw rateLimited(max, Math.min(msBeforeNext, minuteSeconds * 1_000))
  }
  return {
    limits: (caller) => (caller.requestsPerMinuteMax ?? limits.requestsPerMinute ?? 0) > 0,
    account: (caller) =>
      count(accounts, caller.accountId, caller.requestsPerMinuteMax ?? limits.requestsPerMinute),
    stranger: (request) => count(strangers, network(request.ip), limits.unauthenticatedPerMinute),
  }
}

/** Of 16 bits each. */
const groupsOfNetwork = 4

/** One IPv6 customer holds a whole /64; counting its addresses one by one would count nothing. */
export function network(ip: string): string {
  // A proxy may hand on what is no address at all.
  if (!ipaddr.isValid(ip)) return 'unknown'
  // Parsed, for one network can be written in many ways; an IPv4 address within IPv6 is itself.
  const address = ipaddr.process(ip)
  return address instanceof ipaddr.IPv6
    ? address.parts.slice(0, groupsOfNetwork).join(':')
    : address.toString()
}

const rateLimited = (max: number, retryAfterMs: number) =>
  new GatewayError(
    'rate_limited',
    {
      en: `More than ${max} requests within a minute. Nothing was charged. Wait for as long as Retry-After says.`,
      zh: `一分钟内的请求超过 ${max} 次。未扣除任何积分。请按 Retry-After 指示的时间等待。`,
    },
    { retryAfterMs },
  )
