// Rate limits: by account for authenticated requests, by address for all others.
import ipaddr from 'ipaddr.js'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { FastifyRequest } from 'fastify'
import type { Caller } from '../accounts/keys.ts'
import type { Context } from '../context.ts'
import { GatewayError } from '../errors.ts'
import { createRequestCounts } from '../instances/request-counts.ts'

const minuteSeconds = 60
/** The limiter only counts; the count is compared with each account's own limit. */
const countOnly = Number.MAX_SAFE_INTEGER

export interface Limits {
  /** Whether the account has a rate limit at all. */
  limits(caller: Caller): boolean
  /** Whether its next request is known to be refused. */
  isSpent(caller: Caller): boolean
  /** Throws rate_limited if the account has made too many requests this minute. */
  account(caller: Caller): Promise<void>
  /** Call it for every request without a valid key. Throws rate_limited if there are too many. */
  stranger(request: FastifyRequest): Promise<void>
}

type World = Pick<Context, 'config' | 'db' | 'clock' | 'instances'>

export function createLimits(ctx: World): Limits {
  const { limits } = ctx.config
  // Null: no other gateway counts the same requests.
  const shared = ctx.instances.id === null ? null : createRequestCounts(ctx)
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
  /** Each lets in its share, where the others are not asked. */
  const shareOf = (max: number | null) => max && Math.ceil(max / ctx.instances.standing().count)
  return {
    limits: (caller) => (caller.requestsPerMinuteMax ?? limits.requestsPerMinute ?? 0) > 0,
    isSpent: ({ accountId, requestsPerMinuteMax }) => {
      const max = requestsPerMinuteMax ?? limits.requestsPerMinute
      return shared !== null && max !== null && max > 0 && shared.isSpent(accountId, max)
    },
    async account({ accountId, requestsPerMinuteMax }) {
      const max = requestsPerMinuteMax ?? limits.requestsPerMinute
      const counted = shared && max ? await shared.count(accountId, max) : null
      // The store does not say what the others let in.
      if (!counted) await count(accounts, accountId, shared ? shareOf(max) : max)
      else if (!counted.isAllowed) throw rateLimited(max ?? 0, counted.leftMs)
    },
    // They must not have the store written to.
    stranger: (request) => count(strangers, network(request.ip), shareOf(limits.unauthenticatedPerMinute)),
  }
}

/** 16 bits each: a /64. */
const groupsOfNetwork = 4

/** One IPv6 customer has a whole /64, so single addresses cannot be limited. */
export function network(ip: string): string {
  // A proxy may forward something that is not an address.
  if (!ipaddr.isValid(ip)) return 'unknown'
  // Parsed, because one network can be written in many ways; an IPv4-mapped IPv6 address counts as IPv4.
  const address = ipaddr.process(ip)
  return address instanceof ipaddr.IPv6
    ? address.parts.slice(0, groupsOfNetwork).join(':')
    : address.toString()
}

export const rateLimited = (max: number, retryAfterMs: number) =>
  new GatewayError(
    'rate_limited',
    {
      en: `More than ${max} requests within a minute. Nothing was charged. Wait for as long as Retry-After says.`,
      zh: `一分钟内的请求超过 ${max} 次。未扣除任何积分。请按 Retry-After 指示的时间等待。`,
    },
    { retryAfterMs },
  )
