// Tells a wrong method from a wrong path, and answers both.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GatewayError } from '../errors.ts'
import { sendFailure } from './envelope.ts'

/** To be called before any route is added: it answers for all those that come. */
export function answerStrayRequests(app: FastifyInstance): void {
  const paths = collectPaths(app)
  app.setNotFoundHandler(async (request, reply) => await answerNotFound(paths, request, reply))
  app.addHook('onRequest', async (request, reply) => {
    // GET /tasks/create would otherwise look for a task called "create".
    const exact = request.routeOptions.url?.includes(':') ? exactPath(paths, request) : undefined
    if (exact && !exact.methods.has(request.method)) await answerNotFound(paths, request, reply)
  })
}

interface KnownPath {
  readonly url: string
  readonly form: RegExp
  readonly methods: Set<string>
}

/** The methods of each path, to tell a wrong method from a wrong path. */
function collectPaths(app: FastifyInstance): readonly KnownPath[] {
  const paths: KnownPath[] = []
  app.addHook('onRoute', ({ url, method }) => {
    let known = paths.find((path) => path.url === url)
    if (!known) {
      known = { url, form: new RegExp(`^${url.replaceAll(/:\w+/g, '[^/]+')}$`), methods: new Set() }
      paths.push(known)
    }
    for (const name of [method].flat()) known.methods.add(name)
  })
  return paths
}

async function answerNotFound(
  paths: readonly KnownPath[],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  // A path without parameters is meant before one that it happens to fit.
  const known = exactPath(paths, request) ?? paths.find(({ form }) => form.test(pathOf(request)))
  if (known) {
    const allowed = [...known.methods]
    await sendFailure(wrongMethod(request.method, allowed), request, reply.header('allow', allowed.join(', ')), 405)
    return
  }
  await sendFailure(noSuchPath(), request, reply, 404)
}

const exactPath = (paths: readonly KnownPath[], request: FastifyRequest) =>
  paths.find(({ url }) => url === pathOf(request))

const pathOf = (request: FastifyRequest): string => request.url.split('?')[0] ?? ''

const noSuchPath = () =>
  new GatewayError('not_found', {
    en: 'There is no such path here. See /docs.',
    zh: '没有这个路径。请参阅 /docs。',
  })

const wrongMethod = (method: string, allowed: readonly string[]) =>
  new GatewayError('invalid_request', {
    en: `${method} is not what this path takes; it takes ${allowed.join(', ')}.`,
    zh: `该路径不支持 ${method},支持 ${allowed.join('、')}。`,
  })
