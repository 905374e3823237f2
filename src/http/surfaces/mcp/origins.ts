// Refuses pages of other sites: those that the browser names, and those that a name server leads here.
import ipaddr from 'ipaddr.js'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Config } from '../../../config/config.ts'
import { GatewayError } from '../../../errors.ts'
import { sendFailure } from '../../wire/failure.ts'

/** Top-level names that nobody can register: no page of the internet has such a host. */
const privateSuffixes = ['.localhost', '.local', '.internal', '.home.arpa', '.test']

type Refusal = 'origin' | 'host'

/** Clients other than browsers send no Origin, and any of these hosts. */
export function refuseStrangePages(scope: FastifyInstance, config: Config): void {
  const refusalOf = strangePages(config)
  scope.addHook('onRequest', (request, reply, done) => {
    const refusal = refusalOf(request)
    if (refusal === null) return done()
    sendFailure(reply, texts[refusal](), 403).catch(done)
  })
}

function strangePages({ network, publicUrl, host }: Config): (request: FastifyRequest) => Refusal | null {
  const ours = publicUrl === null ? null : new URL(publicUrl)
  const origins = new Set([...network.corsOrigins, ...(ours ? [ours.origin] : [])])
  const hosts = new Set([host.toLowerCase(), ...(ours ? [ours.hostname] : [])])
  return ({ headers: { origin }, hostname }) => {
    if (origin !== undefined && !origins.has(origin)) return 'origin'
    const name = hostname.toLowerCase().replace(/\.$/, '')
    return hosts.has(name) || isPrivateName(name) ? null : 'host'
  }
}

/** A name server of somebody else cannot give it an address of ours. */
function isPrivateName(name: string): boolean {
  const address = name.replace(/^\[(.*)\]$/, '$1')
  if (ipaddr.isValid(address) || !name.includes('.')) return true
  return privateSuffixes.some((suffix) => name.endsWith(suffix))
}

const texts = {
  origin: () =>
    new GatewayError('invalid_request', {
      en: 'Pages of this origin may not call /mcp. Nothing was ordered or charged. The operator names those that may in network.cors_origins.',
      zh: '该来源的页面不能调用 /mcp。未创建任务,也未扣除积分。运营方可在 network.cors_origins 中加入允许的来源。',
    }),
  host: () =>
    new GatewayError('invalid_request', {
      en: 'The gateway is not known under this host name. Nothing was ordered or charged. The operator sets PUBLIC_URL to the address that clients use.',
      zh: '网关不使用该主机名。未创建任务,也未扣除积分。请运营方将 PUBLIC_URL 设为客户端使用的地址。',
    }),
} as const satisfies Record<Refusal, () => GatewayError>
