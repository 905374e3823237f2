// Streams of events: what keeps each of them small, and others from their connections.
import type { Guard } from '../guard.ts'

const streams = 'test/http/connections/streams.test.ts'
const detach = 'src/http/connections/detach.ts'
const giveBack = 'src/http/connections/give-back.ts'

export const guards: readonly Guard[] = [
  {
    name: 'nothing holds the response of a stream',
    file: 'src/http/server.ts',
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
    name: 'memory is given back once an hour at most',
    file: giveBack,
    search: ' || clock.monotonic() < nextAt',
    replacement: '',
    tests: [streams],
  },
  {
    name: 'memory is given back when no more are leaving',
    file: giveBack,
    search: ' || areLeaving',
    replacement: '',
    tests: [streams],
  },
]
