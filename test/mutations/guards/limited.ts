// 429 and 401: of everybody who uses a key, or of one order or task alone.
import type { Guard } from '../guard.ts'

const limited = 'test/tasks/limited-orders.test.ts'

export const guards: readonly Guard[] = [
  {
    name: 'an order that alone is answered 429 loses its place in the end',
    file: 'src/tasks/verdict.ts',
    search: ' && key.limited.times < limitedInPlaceMax',
    replacement: '',
    tests: [limited],
  },
  {
    name: 'what one order alone is answered 429 pauses no key',
    file: 'src/tasks/outcome.ts',
    search: ' && !settled.limited.isOwn',
    replacement: '',
    tests: [limited],
  },
  {
    name: 'what one task alone is answered 429 pauses no key',
    file: 'src/tasks/look.ts',
    search: ' && upstream.keys.limitsPolls(idOf(asked))',
    replacement: '',
    tests: [limited],
  },
  {
    name: 'what one order alone is answered 401 sets no key aside',
    file: 'src/upstream/held-key.ts',
    search: 'order.isProven === true ? null : ',
    replacement: '',
    tests: [limited],
  },
]
