// Where credits are bought, said with every refusal for want of them.
import type { FastifyRequest } from 'fastify'
import type { Brand } from '../../config/brand.ts'
import { GatewayError } from '../../errors.ts'
import { languageOf } from './language.ts'
import { surfaceAt } from './wire.ts'

declare module 'fastify' {
  interface FastifyInstance {
    readonly brand?: Brand
  }
}

/** In the words of a refusal, which every surface shows, and as fields, where a surface has a place for them. */
export function withPlaceToBuy(request: FastifyRequest, failure: GatewayError): GatewayError {
  const { server, url, headers } = request
  const { buyUrl = null, buyText = null } = server.brand ?? {}
  if (failure.type !== 'insufficient_credits' || (buyUrl === null && buyText === null)) return failure
  // The operator grants credits.
  if (surfaceAt(server.surfaces, url).callers === 'operators') return failure
  const { text, field, detail, cause } = failure
  const sentence = (words: string) => (buyUrl === null ? words : `${words}: ${buyUrl}`)
  const language = languageOf(headers['accept-language']) ?? 'en'
  return new GatewayError(
    failure.type,
    {
      en: `${text.en} ${sentence(buyText?.en ?? 'Buy credits')}`,
      zh: `${text.zh}${sentence(buyText?.zh ?? '购买积分')}`,
    },
    {
      ...(field !== undefined && { field }),
      ...(detail !== undefined && { detail }),
      ...(cause !== undefined && { cause }),
      buy: {
        ...(buyUrl !== null && { buy_url: buyUrl }),
        ...(buyText !== null && { buy_text: buyText[language] }),
      },
    },
  )
}
