// Where a caller reaches the gateway: links in answers lead back the way the caller came.
import type { FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'

/** Clients send their key only to the host they were told of, so a link names the host that was asked. */
export function originOf({ config }: Pick<Context, 'config'>, request: FastifyRequest): string {
  const { publicUrl } = config
  const own = publicUrl === null ? null : new URL(publicUrl)
  // Behind a proxy, only it knows whether the caller uses TLS.
  return publicUrl !== null && own?.host === request.host ? publicUrl : addressOf(request)
}

/** The longest name of a host, and a port. */
const hostLengthMax = 259
const hostForm = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i

/** The address that a request came by. A host that is none, as a program may send it, is not repeated. */
export function addressOf({ protocol: named, host, socket }: FastifyRequest): string {
  // A proxy may pass on whatever a client has named.
  const protocol = named === 'https' ? 'https' : 'http'
  const isHost = host.length <= hostLengthMax && hostForm.test(host) && URL.canParse(`${protocol}://${host}`)
  if (isHost) return `${protocol}://${host}`
  const { localAddress = '127.0.0.1', localPort = 80 } = socket
  return `${protocol}://${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`
}
