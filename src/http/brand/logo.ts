// Serves the brand's logo as an image that cannot run, also where it is opened by itself.
import type { FastifyInstance } from 'fastify'
import type { Logo } from '../../config/brand.ts'
import type { Context } from '../../context.ts'
import { isKnown } from '../wire/headers/etag.ts'
import { sendFailure } from '../wire/failure.ts'
import { noSuchPath } from '../wire/refusals.ts'

const logoPath = '/brand/logo'

/** Another picture has another address, so that each may be kept for long. */
export const logoAddress = ({ digest }: Logo): string => `${logoPath}?v=${digest}`

export function addLogoRoute(scope: FastifyInstance, ctx: Context): void {
  const contents = new WeakMap<Logo, Buffer>()
  scope.get<{ Querystring: { readonly v?: unknown } }>(logoPath, async (request, reply) => {
    const { logo } = ctx.catalog.offer.brand
    if (logo === null) {
      await sendFailure(reply, noSuchPath(), 404)
      return reply
    }
    const etag = `"${logo.digest}"`
    reply.headers({
      etag,
      'cache-control': request.query.v === logo.digest ? 'public, max-age=31536000, immutable' : 'no-cache',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'cross-origin',
    })
    if (isKnown(request, etag)) return await reply.code(304).send()
    const bytes = contents.get(logo) ?? Buffer.from(logo.base64, 'base64')
    contents.set(logo, bytes)
    return await reply.type(logo.type).send(bytes)
  })
}
