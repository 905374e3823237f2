// Clients that wait for their pictures, lose their connection and try again.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import { quickYaml, startGateway, until } from '../../../support/gateway.ts'
import type { Customer, Gateway } from '../../../support/gateway.ts'
import { ordered, ordersOf } from './pictures.ts'

export interface Sent {
  readonly answer: Promise<{ readonly status: number; readonly json: any; readonly headers: Headers }>
  /** Cuts the connection; resolves when the gateway has noticed. */
  cut(): Promise<void>
}

export interface Ask {
  readonly key?: string
  readonly retry?: number
  readonly headers?: Record<string, string>
  readonly path?: string
  readonly body?: object | FormData
}

/** A prompt of its own for each test, so that no test takes up the order of another. */
export const newPrompt = () => `a heron ${randomUUID()}`

/** With a gateway of theirs, for the tests of a file; its sandbox is frozen, so that only `finish` ends a task. */
export function patientClients() {
  let started: Gateway
  let owner: Customer
  beforeAll(async () => {
    started = await startGateway({ yaml: quickYaml })
    owner = await started.customer(100_000)
    started.sandbox.freeze('all')
  })
  afterAll(async () => await started.stop())
  const gateway = () => started
  const customer = () => owner

  function send(prompt: string, ask: Ask = {}): Sent {
    const cutting = new AbortController()
    const { path = '/v1/images/generations', key = customer().key, retry } = ask
    const { body = { model: 'gpt-image-2', prompt, response_format: 'url' } } = ask
    const isForm = body instanceof FormData
    const answer = fetch(`${gateway().url}${path}`, {
      method: 'POST',
      signal: cutting.signal,
      headers: {
        authorization: `Bearer ${key}`,
        ...(!isForm && { 'content-type': 'application/json' }),
        ...(retry !== undefined && { 'x-stainless-retry-count': String(retry) }),
        ...ask.headers,
      },
      body: isForm ? body : JSON.stringify(body),
    }).then(async (response) => ({
      status: response.status,
      headers: response.headers,
      json: await response.json(),
    }))
    answer.catch(() => undefined)
    return {
      answer,
      async cut() {
        const waiting = await waiters()
        cutting.abort()
        await until(waiters, (left) => left < waiting)
      },
    }
  }

  async function waiters(): Promise<number> {
    const { text } = await gateway().call('GET', '/metrics')
    return Number(/^tollgate_waiters (\d+)$/m.exec(text)?.[1])
  }

  /** So that the connection is cut while the client waits, and not before. */
  const waitersAre = async (count: number) => await until(waiters, (found) => found === count)

  const finish = (prompt: string, status: 'SUCCEEDED' | 'FAILED' = 'SUCCEEDED') => {
    for (const { taskIds } of ordersOf(gateway(), prompt))
      for (const id of taskIds) gateway().sandbox.finish(id, status)
  }

  /** An order whose client waits and loses its connection. */
  async function broken(prompt: string, ask: Ask = {}): Promise<void> {
    const before = ordersOf(gateway(), prompt).length
    const first = send(prompt, ask)
    await ordered(gateway(), prompt, before + 1)
    await until(waiters, (count) => count > 0)
    await first.cut()
  }

  return { gateway, customer, send, waitersAre, finish, broken }
}
