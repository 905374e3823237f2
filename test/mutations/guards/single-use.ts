// A connection for each submit: what counts as sent, and that each call has an outcome.
import type { Guard } from '../guard.ts'

export const guards: readonly Guard[] = [
  {
    name: 'nothing counts as sent before TLS has proved who is there',
    file: 'src/upstream/single-use.ts',
    search: "return { socket, ready: 'secureConnect' }",
    replacement: "return { socket, ready: 'connect' }",
    tests: ['test/upstream/single-use.test.ts'],
  },
  {
    name: 'a stream that fails while a connection is being made is an outcome',
    file: 'src/upstream/single-use.ts',
    search: 'if (call.body instanceof Readable) {',
    replacement: 'if (false) {',
    tests: ['test/upstream/single-use.test.ts'],
  },
  {
    name: 'a connection that ends without an answer is an outcome',
    file: 'src/upstream/single-use.ts',
    search: 'watched.onResponseError(null, closedEarly)',
    replacement: 'void closedEarly',
    tests: ['test/upstream/single-use.test.ts'],
  },
]
