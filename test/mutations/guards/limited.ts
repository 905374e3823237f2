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
    name: 'what one order alone is answered 401 sets no key aside',
    file: 'src/upstream/held-key.ts',
    search: 'order.isProven === true ? null : ',
    replacement: '',
    tests: [limited],
  },
  {
    name: 'an order that alone is answered 429 comes ever more rarely',
    file: 'src/tasks/verdict.ts',
    search: 'key.limited.isOwn ? ownLimitPause(upstream, key.limited.times) : 0',
    replacement: '0',
    tests: [limited],
  },
]
