// Answers unknown paths (404) and unsupported methods (405).
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'
import type { MethodsAt } from './wire/client-error.ts'
import { sendFailure } from './wire/failure.ts'
import { noSuchPath, wrongMethod } from './wire/refusals.ts'

/** Call it before any route is added: it covers all routes added later. Returns the methods of a path. */
export function answerStrayRequests(app: FastifyInstance): MethodsAt {
  const paths = collectPaths(app)
  app.setNotFoundHandler(async (_request, reply) => await answerNotFound(paths, reply))
  // Before the body is read: otherwise the body could be refused first.
  app.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done()
    answerNotFound(paths, reply).catch(done)
  })
  app.addHook('onRoute', (route) => {
    if (!route.url.includes(':')) return
    const form = formOf(route.url)
    let exact: [string, KnownPath][] | null = null
    // GET /tasks/create would otherwise look for a task called "create".
    const unlessExact: onRequestHookHandler = (request, reply, done) => {
      exact ??= [...paths].filter(([path]) => !path.includes(':') && form.test(path))
      const isMeant = ([path, { methods }]: [string, KnownPath]) =>
        request.url.startsWith(path) && pathOf(request) === path && !methods.has(request.method)
      if (!exact.some(isMeant)) return done()
      answerNotFound(paths, reply).catch(done)
    }
    route.onRequest = [unlessExact, route.onRequest ?? []].flat()
  })
  return (path) => {
    const known = knownAt(paths, path)
    return known ? [...known.methods] : null
  }
}

interface KnownPath {
  readonly form: RegExp
  readonly methods: Set<string>
}

/** The methods of each path, to tell a wrong method from a wrong path. */
function collectPaths(app: FastifyInstance): ReadonlyMap<string, KnownPath> {
  const paths = new Map<string, KnownPath>()
  app.addHook('onRoute', ({ url, method }) => {
    const known = paths.get(url) ?? { form: formOf(url), methods: new Set() }
    paths.set(url, known)
    for (const name of [method].flat()) known.methods.add(name)
  })
  return paths
}

function formOf(url: string): RegExp {
  return new RegExp(`^${url.replaceAll(/:\w+/g, '[^/]+')}$`)
}

async function answerNotFound(paths: ReadonlyMap<string, KnownPath>, reply: FastifyReply): Promise<void> {
  const { request } = reply
  const known = knownAt(paths, pathOf(request))
  if (known) {
    const allowed = [...known.methods]
    reply.header('allow', allowed.join(', '))
    await sendFailure(reply, wrongMethod(request.method, allowed), 405)
    return
  }
  await sendFailure(reply, noSuchPath(), 404)
}

/** A path without parameters takes precedence over a parameterized one that also matches. */
const knownAt = (paths: ReadonlyMap<string, KnownPath>, path: string): KnownPath | undefined =>
  paths.get(path) ?? [...paths.values()].find(({ form }) => form.test(path))

function pathOf({ url }: FastifyRequest): string {
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}
