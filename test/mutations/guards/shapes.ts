// Guards of the surfaces in the shapes of Replicate, kie and Keevx: what is not ordered twice, and by whom it is seen.
import type { Guard } from '../guard.ts'

const brokenOff = 'test/http/surfaces/broken-off.test.ts'
const before = 'test/http/surfaces/keevx/before-another.test.ts'
const orders = 'test/http/surfaces/keevx/orders.test.ts'
const refusals = 'test/http/surfaces/keevx/refusals.test.ts'
const predictions = 'test/http/surfaces/replicate/predictions.test.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a prediction that was answered is claimed by nobody',
    file: 'src/http/surfaces/replicate/create.ts',
    search: '  placed.answersNow()\n',
    replacement: '',
    tests: [brokenOff],
  },
  {
    name: 'an order that is paid for is answered, also where nobody may wait',
    file: 'src/http/surfaces/wait-for-order.ts',
    search: '    return order\n',
    replacement: '    throw error\n',
    tests: [brokenOff],
  },
  {
    name: 'each attempt bears the name of its order',
    file: 'src/upstream/keevx/keevx.ts',
    search: "'idempotency-key': options.orderKey",
    replacement: "'x-attempt': options.orderKey",
    tests: [before],
  },
  {
    name: 'a repetition is compared without its callback_url',
    file: 'src/http/surfaces/keevx/orders.ts',
    search: 'const { callback_url: _, ...compared } = meant.order',
    replacement: 'const compared = { ...meant.order }',
    tests: [orders],
  },
  {
    name: 'a mode of Keevx is sold as that mode, or not at all',
    file: 'src/http/surfaces/keevx/orders.ts',
    search: 'isDeepStrictEqual({ ...made.params }, { ...params })',
    replacement: 'Object.keys(made.params).length > 0',
    tests: [refusals],
  },
  {
    name: 'an order that was certainly not stored is told to wait',
    file: 'src/http/surfaces/keevx/wire.ts',
    search: "text === words.unknown || endpoint === 'figure-resource' ? 503 : 429",
    replacement: '503',
    tests: [refusals],
  },
  {
    name: 'an order of which nobody knows whether it was stored is not',
    file: 'src/http/surfaces/keevx/wire.ts',
    search: "text === words.unknown || endpoint === 'figure-resource' ? 503 : 429",
    replacement: '429',
    tests: [refusals],
  },
  {
    name: 'a prediction is told of once, by the last of its outputs',
    file: 'src/webhooks/outbox.ts',
    search: "return form === 'keevx' || (await event.isLast())",
    replacement: 'return true',
    tests: [predictions],
  },
  {
    name: 'another account sees no order as a whole',
    file: 'src/tasks/read/orders.ts',
    search: 'request?.accountId === accountId && ',
    replacement: 'request !== undefined && ',
    tests: [predictions],
  },
  {
    name: 'what would change the result and is not understood is refused',
    file: 'src/http/surfaces/inputs.ts',
    search: 'if (!ignored.has(name) && !isNothing(value)) throw unknownName(name)',
    replacement: '',
    tests: [predictions],
  },
]
