// A surface of another shape stands beside the client API: each answers and refuses in its own way.
import fastify from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { GatewayError } from '../../../src/errors.ts'
import { answerStrayRequests } from '../../../src/http/paths.ts'
import { createRoutes } from '../../../src/http/route.ts'
import { clientWire } from '../../../src/http/v1/wire.ts'
import { sendFailure } from '../../../src/http/wire/failure.ts'
import { useSurfaces } from '../../../src/http/wire/wire.ts'
import type { Wire } from '../../../src/http/wire/wire.ts'

/** As some clients expect it: the object itself, or an error with a status that says what failed. */
const plainWire: Wire = {
  success: (_request, { data }) => data,
  failure: (request, { type, text }) => ({ error: { type, message: text.en }, id: request.id }),
  status: ({ type }) => (type === 'insufficient_credits' ? 402 : 400),
  words: {
    ...clientWire.words,
    internal: { en: 'Look at GET /plain/jobs.', zh: '请查看 GET /plain/jobs。' },
  },
}

const app = fastify({ genReqId: () => 'req_1' })
const noCredits = new GatewayError('insufficient_credits', { en: 'Not enough.', zh: '积分不足。' })

beforeAll(async () => {
  useSurfaces(app, [
    { prefix: '/plain', callers: 'customers', wire: plainWire },
    { prefix: '', callers: 'anyone', wire: clientWire },
  ])
  app.setErrorHandler(async (error, _request, reply) => await sendFailure(reply, error))
  answerStrayRequests(app)
  const routes = createRoutes()
  await app.register((scope, _options, done) => {
    for (const prefix of ['/plain', '/api/v1']) {
      const common = {
        method: 'GET',
        operationId: 'listJobs',
        tag: 'Jobs',
        summary: 'Jobs',
        answer: z.object({ id: z.string() }),
      } as const
      routes.add(scope, { ...common, url: `${prefix}/jobs`, run: async () => ({ id: 'job_1' }) })
      routes.add(scope, {
        ...common,
        url: `${prefix}/poor`,
        async run() {
          throw noCredits
        },
      })
      routes.add(scope, {
        ...common,
        url: `${prefix}/broken`,
        async run() {
          throw new TypeError('of undefined')
        },
      })
    }
    done()
  })
})
afterAll(async () => await app.close())

const asked = async (url: string, method: 'GET' | 'PUT' = 'GET') => {
  const { statusCode, body } = await app.inject({ url, method })
  return [statusCode, JSON.parse(body)]
}

test('what went well has the shape of its surface', async () => {
  expect(await asked('/plain/jobs')).toEqual([200, { id: 'job_1' }])
  expect(await asked('/api/v1/jobs')).toEqual([200, { code: 200, msg: 'ok', data: { id: 'job_1' } }])
})

test('a refusal has the shape and the status of its surface', async () => {
  const error = { type: 'insufficient_credits', message: 'Not enough.' }
  expect(await asked('/plain/poor')).toEqual([402, { error, id: 'req_1' }])
  const told = { code: 0, msg: 'Not enough.', data: null, error: { ...error, request_id: 'req_1' } }
  expect(await asked('/api/v1/poor')).toEqual([200, told])
})

test('a fault of ours says what the callers of each surface can do', async () => {
  expect(await asked('/plain/broken')).toMatchObject([
    400,
    { error: { message: 'Look at GET /plain/jobs.' } },
  ])
  expect(await asked('/api/v1/broken')).toMatchObject([
    500,
    { msg: expect.stringContaining('Idempotency-Key') },
  ])
})

test('so have a path that is not there, and a method that it does not take', async () => {
  expect(await asked('/plain/none')).toMatchObject([404, { error: { type: 'not_found' } }])
  expect(await asked('/plain/jobs', 'PUT')).toMatchObject([405, { error: { type: 'invalid_request' } }])
  expect(await asked('/none')).toMatchObject([404, { code: 0, error: { type: 'not_found' } }])
})
