// Streams of events: what keeps each of them small, and others from their connections.
import type { Guard } from '../guard.ts'

const streams = 'test/http/connections/streams.test.ts'
const detach = 'src/http/connections/detach.ts'

export const guards: readonly Guard[] = [
  {
    name: 'nothing holds the response of a stream',
    file: 'src/http/surfaces/customers.ts',
    search: 'if (socket) clientErrors.forget(socket)',
    replacement: '',
    tests: [streams],
  },
  {
    name: 'a stream has no parser',
    file: detach,
    search: 'served.parser = null',
    replacement: '',
    tests: [streams],
  },
  {
    name: 'a stream has no listeners of the HTTP server',
    file: detach,
    search: 'socket.removeAllListeners()',
    replacement: '',
    tests: [streams],
  },
  {
    name: 'a client of HTTP/1.0 is sent no chunks',
    file: 'src/http/v1/events.ts',
    search: "const isChunked = request.raw.httpVersion !== '1.0'",
    replacement: 'const isChunked = true',
    tests: [streams],
  },
  {
    name: 'what a client of a stream sends is bounded',
    file: detach,
    search: 'if (bytes > droppedBytesMax) socket.destroy()',
    replacement: '',
    tests: [streams],
  },
]
