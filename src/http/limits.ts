// Rate limits: by account and key for authenticated requests, by address for all others.
import ipaddr from 'ipaddr.js'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { FastifyRequest } from 'fastify'
import type { Caller } from '../accounts/callers.ts'
import type { Context } from '../context.ts'
import { GatewayError } from '../errors.ts'
import { createRequestCounts } from '../instances/request-counts.ts'

const minuteSeconds = 60
/** The limiter only counts; the count is compared with each account's own limit. */
const countOnly = Number.MAX_SAFE_INTEGER

export interface Limits {
  /** Whether the account or the key has a rate limit at all. */
  limits(caller: Caller): boolean
  /** Whether its next request is known to be refused. */
  isSpent(caller: Caller): boolean
  /** Throws rate_limited if the account or the key has made too many requests this minute. */
  count(caller: Caller): Promise<void>
  /** Call it for every request without a valid key. Throws rate_limited if there are too many. */
  stranger(request: FastifyRequest): Promise<void>
}

type World = Pick<Context, 'config' | 'db' | 'clock' | 'instances'>

export function createLimits(ctx: World): Limits {
  const { limits } = ctx.config
  const strangers = new RateLimiterMemory({
    points: countOnly,
    duration: minuteSeconds,
    keyPrefix: 'stranger',
  })
  const accounts = createCounter(ctx, 'accounts')
  const keys = createCounter(ctx, 'keys')
  const ofAccount = ({ accountId: id, requestsPerMinuteMax: own }: Caller): Counted => ({
    id,
    max: own ?? limits.requestsPerMinute,
  })
  const ofKey = ({ keyId: id, ofKey: own }: Caller): Counted => ({
    id,
    max: own?.requestsPerMinuteMax ?? null,
  })
  return {
    limits: (caller) => isLimit(ofAccount(caller).max) || isLimit(ofKey(caller).max),
    isSpent: (caller) => accounts.isSpent(ofAccount(caller)) || keys.isSpent(ofKey(caller)),
    async count(caller) {
      const key = ofKey(caller)
      // First, because what a key is refused does not count for its account.
      if (isLimit(key.max)) await keys.count(key)
      await accounts.count(ofAccount(caller))
    },
    // They must not have the store written to.
    stranger: (request) =>
      countHere(strangers, {
        id: network(request.ip),
        max: shareOf(ctx, limits.unauthenticatedPerMinute),
      }),
  }
}

interface Counted {
  readonly id: string
  /** Null and 0: no limit. */
  readonly max: number | null
}

const isLimit = (max: number | null): max is number => max !== null && max > 0

async function countHere(limiter: RateLimiterMemory, { id, max }: Counted): Promise<void> {
  if (!isLimit(max)) return
  const { consumedPoints, msBeforeNext } = await limiter.consume(id)
  if (consumedPoints > max) throw rateLimited(max, Math.min(msBeforeNext, minuteSeconds * 1_000))
}

/** Each lets in its share, where the others are not asked. */
const shareOf = ({ instances }: World, max: number | null) =>
  max && Math.ceil(max / instances.standing().count)

function createCounter(ctx: World, whose: 'accounts' | 'keys') {
  // Null: no other gateway counts the same requests.
  const shared = ctx.instances.id === null ? null : createRequestCounts(ctx, whose)
  const here = new RateLimiterMemory({ points: countOnly, duration: minuteSeconds, keyPrefix: whose })
  return {
    isSpent: ({ id, max }: Counted) => shared !== null && isLimit(max) && shared.isSpent(id, max),
    async count({ id, max }: Counted): Promise<void> {
      const counted = shared && isLimit(max) ? await shared.count(id, max) : null
      // The store does not say what the others let in.
      if (!counted) await countHere(here, { id, max: shared ? shareOf(ctx, max) : max })
      else if (!counted.isAllowed) throw rateLimited(max ?? 0, counted.leftMs)
    },
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
