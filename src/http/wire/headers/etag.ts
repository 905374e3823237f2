// Whether the client has the answer already (RFC 9110, section 13.1.2).
import type { FastifyRequest } from 'fastify'

export const isKnown = ({ headers }: Pick<FastifyRequest, 'headers'>, etag: string): boolean =>
  (headers['if-none-match'] ?? '')
    .split(',')
    .some((tag) => tag.trim().replace(/^W\//, '') === etag || tag.trim() === '*')
