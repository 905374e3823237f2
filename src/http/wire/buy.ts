// Where credits are bought, said with every refusal for want of them.
import type { FastifyRequest } from 'fastify'
import type { Brand } from '../../config/config.ts'
import { GatewayError } from '../../errors.ts'
import { surfaceAt } from './wire.ts'

declare module 'fastify' {
  interface FastifyInstance {
    brand?: Brand
  }
}

/** In the words of a refusal, which every surface shows, and as fields, where a surface has a place for them. */
export function withPlaceToBuy({ server, url }: FastifyRequest, failure: GatewayError): GatewayError {
  const { buyUrl = null, buyText = null } = server.brand ?? {}
  if (failure.type !== 'insufficient_credits' || (buyUrl === null && buyText === null)) return failure
  // The operator grants credits.
  if (surfaceAt(server.surfaces, url).callers === 'operators') return failure
  const { text, field, detail, cause } = failure
  const sentence = (words: string) => (buyUrl === null ? words : `${words}: ${buyUrl}`)
  return new GatewayError(
    failure.type,
    {
      en: `${text.en} ${sentence(buyText ?? 'Buy credits')}`,
      zh: `${text.zh}${sentence(buyText ?? '购买积分')}`,
    },
    {
      ...(field !== undefined && { field }),
      ...(detail !== undefined && { detail }),
      ...(cause !== undefined && { cause }),
      buy: { ...(buyUrl !== null && { buy_url: buyUrl }), ...(buyText !== null && { buy_text: buyText }) },
    },
  )
}
