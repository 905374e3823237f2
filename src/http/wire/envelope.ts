// The response envelope of /api/v1 and /admin/v1: code, msg, data and error.
import type { FastifyRequest } from 'fastify'
import type { Buy, ErrorType, Text } from '../../errors.ts'
import type { Wire } from './wire.ts'
import { languageOf } from './language.ts'

export interface Envelope {
  readonly code: 200 | 0
  readonly msg: string
  readonly data: unknown
  readonly error?: { type: ErrorType; message: string; field?: string; request_id: string } & Buy
}

const ok: Text = { en: 'ok', zh: 'ok' }

/** In the language that the request asks for, English if it asks for none of ours. */
export const textFor = ({ headers }: FastifyRequest, text: Text): string =>
  text[languageOf(headers['accept-language']) ?? 'en']

export const envelope: Pick<Wire, 'success' | 'failure'> = {
  success: (request, { data, msg = ok, flat }): Envelope => {
    const answer: Envelope = { code: 200, msg: textFor(request, msg), data }
    return flat ? { ...answer, ...(data as object), ...flat } : answer
  },
  failure(request, { text, type, field, buy }): Envelope {
    const message = textFor(request, text)
    const error = { type, message, ...(field === undefined ? {} : { field }), ...buy, request_id: request.id }
    return { code: 0, msg: message, data: null, error }
  },
}
