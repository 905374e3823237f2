// Whether a request comes from a page of our own, and whether a cookie can be kept from the network on its way.
import ipaddr from 'ipaddr.js'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Config } from '../../config/config.ts'
import { GatewayError } from '../../errors.ts'
import { sendFailure } from '../wire/failure.ts'

/** Of the address that the outside has for us; null: none is configured. */
const publicOrigin = ({ publicUrl }: Config): string | null =>
  publicUrl === null ? null : new URL(publicUrl).origin

/**
 * Browsers say of every request where it comes from, and pages cannot change that: what says nothing is refused. A
 * cookie alone would also be sent for a page of another port, and for one that shows a picture of ours.
 */
export function refuseOtherPages(scope: FastifyInstance, config: Config): void {
  const ours = publicOrigin(config)
  scope.addHook('onRequest', (request, reply, done) => {
    if (isFromOurPage(request, ours)) return done()
    sendFailure(reply, otherPage(), 403).catch(done)
  })
}

function isFromOurPage(request: FastifyRequest, ours: string | null): boolean {
  const { origin, 'sec-fetch-site': site } = request.headers
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  // `none`: somebody has typed the address, or opened a bookmark.
  if (site !== undefined && site !== 'same-origin' && !(site === 'none' && isRead)) return false
  // Pages that hide where they come from say `null`, and then the other header alone tells.
  if (origin === undefined || origin === 'null') return site !== undefined
  if (origin === ours) return true
  if (!URL.canParse(origin)) return false
  const { protocol, host } = new URL(origin)
  // A proxy in front may have ended TLS without saying so.
  return host === request.host.toLowerCase() && (protocol === 'https:' || request.protocol === 'http')
}

/** `plain`: on this machine without TLS, where not every browser keeps a Secure cookie. Null: anybody on the way could read it. */
export function cookieKind(request: FastifyRequest, config: Config): 'secure' | 'plain' | null {
  const { origin = '' } = request.headers
  const ours = publicOrigin(config)
  const isOurs = ours !== null && new URL(ours).host === request.host.toLowerCase()
  if (request.protocol === 'https' || origin.startsWith('https://')) return 'secure'
  if (isOurs && ours.startsWith('https://')) return 'secure'
  return isLoopbackName(request.hostname) ? 'plain' : null
}

function isLoopbackName(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/^\[(.*)\]$/, '$1')
  if (ipaddr.isValid(name)) return ipaddr.process(name).range() === 'loopback'
  return name === 'localhost' || name.endsWith('.localhost')
}

const otherPage = () =>
  new GatewayError('invalid_request', {
    en: 'This request does not come from a page of the console, so the session was not used. Nothing was changed or ordered. Scripts use a key or a token instead of a session.',
    zh: '该请求并非来自控制台页面,因此未使用会话。未作任何改动,也未创建任务。脚本请使用密钥或令牌,而非会话。',
  })
