// Where a caller reaches the gateway: links in answers lead back the way the caller came.
import type { FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'

/** Clients send their key only to the host they were told of, so a link names the host that was asked. */
export function originOf({ config }: Pick<Context, 'config'>, { protocol, host }: FastifyRequest): string {
  const { publicUrl } = config
  const own = publicUrl === null ? null : new URL(publicUrl)
  // Behind a proxy, only it knows whether the caller uses TLS.
  return publicUrl !== null && own?.host === host ? publicUrl : `${protocol}://${host}`
}
