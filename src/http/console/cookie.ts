// The cookie of a session: read from requests, set at sign-in, and taken back at sign-out.
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Browsers take the first name only from this very host, over TLS, and send it nowhere else. */
const names = { secure: '__Host-tollgate', plain: 'tollgate' } as const
const everywhere = 'Path=/; HttpOnly; SameSite=Strict'

export type CookieKind = keyof typeof names

/** Null: none, or several of one name, of which somebody else may have set one. */
export function shownToken({ headers }: FastifyRequest, kind: CookieKind | null): string | null {
  const cookies = (headers.cookie ?? '').split(';').map((cookie) => cookie.trim())
  const secure = valuesOf(cookies, names.secure)
  const [token, ...others] = secure.length > 0 || kind !== 'plain' ? secure : valuesOf(cookies, names.plain)
  return others.length === 0 ? (token ?? null) : null
}

const valuesOf = (cookies: readonly string[], name: string): string[] =>
  cookies.filter((cookie) => cookie.startsWith(`${name}=`)).map((cookie) => cookie.slice(name.length + 1))

interface Kept {
  readonly kind: CookieKind
  readonly token: string
  readonly forMs: number
}

export function keepCookie(reply: FastifyReply, { kind, token, forMs }: Kept): void {
  const secure = kind === 'secure' ? '; Secure' : ''
  const age = Math.floor(forMs / 1_000)
  reply.header('set-cookie', `${names[kind]}=${token}; ${everywhere}; Max-Age=${age}${secure}`)
}

/** Both names: the session may have been opened at another address of this host. */
export function dropCookie(reply: FastifyReply, kind: CookieKind | null): void {
  const secure = `${names.secure}=; ${everywhere}; Max-Age=0; Secure`
  const plain = `${names.plain}=; ${everywhere}; Max-Age=0`
  reply.header('set-cookie', kind === 'plain' ? [plain, secure] : [secure])
}
