// Passwords: hashed with scrypt, few at once, and as slowly for an account that has none.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { GatewayError } from '../errors.ts'

/** 32 MB and some 60 ms for each; stored beside the hash, so that they can grow. */
const cost = { N: 32_768, r: 8, p: 1 } as const
const saltBytes = 16
const keyBytes = 32
/** Of the four threads that files, names of hosts and the store need as well. */
const atOnceMax = 2
/** They wait for two seconds at most. */
const waitingMax = 64
const retryAfterMs = 2_000

export async function hashOfPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes)
  const key = await inTurn(async () => await derive(password, { ...cost, salt }))
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64'), key.toString('base64')].join('$')
}

/** Null: there is no password; it takes as long all the same. Throws rate_limited if too many are being checked. */
export async function isPassword(password: string, stored: string | null): Promise<boolean> {
  const [, N, r, p, salt = '', key = ''] = (stored ?? nobodys).split('$')
  const given = { N: Number(N), r: Number(r), p: Number(p), salt: Buffer.from(salt, 'base64') }
  const found = await inTurn(async () => await derive(password, given))
  const expected = Buffer.from(key, 'base64')
  return stored !== null && found.length === expected.length && timingSafeEqual(found, expected)
}

/** As costly as any other, and right for no password. */
const nobodys = `scrypt$${cost.N}$${cost.r}$${cost.p}$${'A'.repeat(24)}$`

interface Derivation {
  readonly N: number
  readonly r: number
  readonly p: number
  readonly salt: Buffer
}

async function derive(password: string, { N, r, p, salt }: Derivation): Promise<Buffer> {
  const options = { N, r, p, maxmem: 2 * 128 * N * r }
  // The same letters can be typed in two ways.
  const typed = password.normalize('NFKC')
  return await new Promise((resolve, reject) => {
    scrypt(typed, salt, keyBytes, options, (error, key) => (error ? reject(error) : resolve(key)))
  })
}

let running = 0
const waiting: (() => void)[] = []

async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (running >= atOnceMax) {
    if (waiting.length >= waitingMax) throw tooMany()
    await new Promise<void>((resolve) => void waiting.push(resolve))
  } else running += 1
  try {
    return await work()
  } finally {
    // The place goes to the next one that waits.
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }
}

const tooMany = () =>
  new GatewayError(
    'rate_limited',
    {
      en: 'Too many passwords are being checked at the moment. Nobody was signed in. Wait for as long as Retry-After says.',
      zh: '当前正在验证的密码过多。未登录。请按 Retry-After 指示的时间等待。',
    },
    { retryAfterMs },
  )
