// Orders from other sites, and routes that mix upstreams: a repeated post is one order, and one in doubt stays where it is.
import type { Guard } from '../guard.ts'

const site = 'test/flows/site-behind-site.test.ts'
const passing = 'test/flows/pass-over.test.ts'
const submits = 'test/upstream/openapi/submit.test.ts'
const polls = 'test/upstream/openapi/poll.test.ts'
const models = 'test/upstream/openapi/models.test.ts'

const passOver = 'src/tasks/queue/pass-over.ts'
const rules = 'src/upstream/openapi/rules.ts'
const poll = 'src/upstream/openapi/poll.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a repeated post bears the key of its order',
    file: 'src/tasks/submit/submit.ts',
    search: 'orderKey: `${request.id}-${outputs}`',
    replacement: 'orderKey: `${attemptId}-${outputs}`',
    tests: [site],
  },
  {
    name: 'a repeated post has the same body',
    file: 'src/upstream/openapi/openapi.ts',
    search: 'JSON.stringify(requestOf(order))',
    replacement: 'JSON.stringify({ ...requestOf(order), callback_url: options.callbackUrl })',
    tests: [submits],
  },
  {
    name: 'what is in doubt is not ordered elsewhere',
    file: passOver,
    search: 'if (await mayBePosted(tx, id)) return false',
    replacement: '',
    tests: [passing],
  },
  {
    name: 'an order takes another route only as it is',
    file: 'src/catalog/routing.ts',
    search: 'isUsable(candidate.route.upstream) && takes(candidate, asked)',
    replacement: 'isUsable(candidate.route.upstream)',
    tests: [passing],
  },
  {
    name: 'an upstream that works keeps its orders',
    file: passOver,
    search: 'if (!upstream || !isOutOfOrder(upstream) || wantsTest(upstream, ctx.clock.now())) return null',
    replacement: 'if (!upstream) return null',
    tests: [passing],
  },
  {
    name: 'an upstream is tested again by an order',
    file: passOver,
    search: '|| wantsTest(upstream, ctx.clock.now())) return null',
    replacement: ') return null',
    tests: [passing],
  },
  {
    name: 'orders that wait take another route too',
    file: 'src/worker/worker.ts',
    search: '      await passOver()\n',
    replacement: '',
    tests: [passing],
  },
  {
    name: 'no credits at a site is no fault of the order',
    file: rules,
    search: '  insufficient_credits: paymentRequired,\n',
    replacement: '',
    tests: [submits],
  },
  {
    name: 'an order that the site knows with another body is in doubt',
    file: rules,
    search: "  idempotency_mismatch: { kind: 'unclear' },\n",
    replacement: '',
    tests: [submits],
  },
  {
    name: 'code 0 of a site is no success',
    file: rules,
    search: 'code >= successCode && code < successCode + 100',
    replacement: 'code < successCode + 100',
    tests: [polls],
  },
  {
    name: 'a path that is not there is no task that is not there',
    file: poll,
    search: "if (isSuccess(status) && errorTypeOf(answer) === 'not_found')",
    replacement: "if (errorTypeOf(answer) === 'not_found')",
    tests: [polls],
  },
  {
    name: 'an answer about another task is none',
    file: poll,
    search: 'if (id !== undefined && taskIdIn(id) !== upstreamTaskId) {',
    replacement: 'if (id === null) {',
    tests: [polls],
  },
  {
    name: 'a site that does not answer is known by what it said before',
    file: 'src/upstream/openapi/catalogue.ts',
    search: '    keep(file, text)\n',
    replacement: '',
    tests: [models],
  },
  {
    name: 'an order that has taken another route is not claimed on its old one',
    file: 'src/tasks/submit/submit.ts',
    search: "if (request?.upstream !== upstream.name) return 'elsewhere'",
    replacement: "if (!request) return 'elsewhere'",
    tests: ['test/tasks/mixed-routes.test.ts'],
  },
  {
    name: 'an order in doubt at a site is repeated with its own key',
    file: 'src/tasks/submit/submit.ts',
    search: 'return attempt?.upstreamKey ?? null',
    replacement: 'return attempt === null ? null : null',
    tests: ['test/tasks/mixed-routes.test.ts'],
  },
  {
    name: 'a first frame of the site is not sold on',
    file: 'src/upstream/openapi/models.ts',
    search: 'one.combinations.filter(isSoldOn).map(',
    replacement: 'one.combinations.map(',
    tests: ['test/upstream/openapi/models.test.ts'],
  },
]
