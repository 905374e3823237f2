// Hands requests with test keys, and for files of their results, to the gateway behind test keys.
import type { FastifyRequest } from 'fastify'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Config } from '../../config/config.ts'
import { GatewayError } from '../../errors.ts'
import { mediaPath } from '../../media/keep.ts'
import { callbacksPath } from '../../tasks/callbacks/url.ts'
import { surfacesOf } from '../surfaces/surfaces.ts'
import { asRouted, plainPaths } from '../wire/path.ts'
import { isUnder, surfaceAt } from '../wire/wire.ts'
import { bringsTestKey, shownTestKey } from './shown.ts'

/** Links of the gateway behind test keys begin with it; without it, the key alone tells. */
export const testPath = '/test'

/** Answers requests that another server received. */
export type Listener = RequestListener

export interface TestGateway {
  /** Null while it does not run. */
  running(): Listener | null
  /** Resolves when it runs, or is not about to. */
  settled(): Promise<void>
  /** Starts it for a key that opens it; null for any other key. Throws if it cannot start. */
  open(key: string): Promise<Listener | null>
}

export interface Divert {
  /** Whether the request is for the gateway behind test keys. */
  isMeant(request: FastifyRequest): boolean
  /** Whether it brings a test key at all: then a refusal says so, whatever was asked. */
  bringsKey(request: FastifyRequest): boolean
  divert(here: RequestListener): RequestListener
  refusalOf(request: FastifyRequest): GatewayError | null
}

/** Null: none of it; then a test key is a wrong key. */
export function createDivert(config: Config, gateway: TestGateway | null): Divert {
  if (gateway === null) {
    return { isMeant: () => false, bringsKey: () => false, divert: (here) => here, refusalOf: () => null }
  }
  const targetOf = createTargets(config)
  const refusals = new WeakMap<IncomingMessage, GatewayError>()

  const answerLater = async ({ request }: Asked): Promise<RequestListener | null> => {
    const key = shownTestKey(request.headers)
    try {
      if (key === null) await gateway.settled()
      return key === null ? gateway.running() : await gateway.open(key)
    } catch (error) {
      refusals.set(request, notRunning(error))
      return null
    }
  }

  return {
    isMeant: ({ raw }) => shownTestKey(raw.headers) !== null && targetOf(raw) !== null,
    bringsKey: ({ raw }) => bringsTestKey(raw.headers),
    refusalOf: ({ raw }) => (shownTestKey(raw.headers) === null ? null : (refusals.get(raw) ?? null)),
    divert: (here) => (request, response) => {
      const target = targetOf(request)
      if (target === null) return here(request, response)
      const asked = { request, response }
      const there = gateway.running()
      if (there) return handOver(asked, target, there)
      answerLater(asked)
        .then((listener) => (listener ? handOver(asked, target, listener) : here(request, response)))
        .catch(() => response.destroy())
    },
  }
}

interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

function handOver({ request, response }: Asked, target: string, listener: RequestListener): void {
  request.url = target
  listener(request, response)
}

/**
 * The URL by which the gateway behind test keys knows a request; null for a request of the gateway in front.
 * Only customers' APIs know keys: all other paths are the same for everybody.
 */
function createTargets(config: Config): (request: IncomingMessage) => string | null {
  const surfaces = surfacesOf(config)
  const plain = plainPaths(surfaces)
  const isForCustomers = (url: string) => surfaceAt(surfaces, url).callers === 'customers'
  return ({ headers, url = '/' }) => {
    const routed = asRouted(url)
    const [prefix = null] = belowTest.exec(routed) ?? []
    const below = prefix === null ? null : routed.slice(prefix.length)
    if (below !== null && linkPaths.some((path) => isUnder(below, path))) return below
    if (shownTestKey(headers) === null) return null
    const target = plain({ url: below ?? routed })
    return isForCustomers(target) ? target : null
  }
}

/** `/test`, after any number of slashes as before all paths of customers. */
const belowTest = /^\/+test(?=\/)/

/** Opened by the secret in the URL, without a key. */
const linkPaths = [mediaPath, callbacksPath]

const notRunning = (cause: unknown) =>
  new GatewayError(
    'unavailable',
    {
      en: 'Test keys (sk-test-…) do not work at the moment; real keys do. Nothing was ordered. Try again in a minute; if it goes on, ask your provider.',
      zh: '测试密钥(sk-test-…)暂时不可用,正式密钥不受影响。未创建任何任务。请一分钟后重试;若仍不可用,请联系您的服务商。',
    },
    { cause, retryAfterMs: 60_000 },
  )
