// Connections of clients: bounded in number and bytes, read in turns, timed only while their client owes something.
import type { Guard } from '../guard.ts'

const wire = 'test/http/connections/connections.test.ts'
const readers = 'test/media/readers.test.ts'
const floods = 'test/http/connections/floods.test.ts'
const turns = 'test/http/connections/turns.test.ts'
const connections = 'src/http/connections/connections.ts'
const units = 'test/http/connections/connection.test.ts'
const requests = 'test/http/connections/requests.test.ts'
const loopbacks = 'test/http/connections/loopbacks.test.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a loopback address that is taken ends no start',
    file: 'src/http/connections/listen.ts',
    search: 'await listening.catch((error: NodeJS.ErrnoException) => {',
    replacement: 'await listening.then((error: any) => {',
    tests: [loopbacks],
  },
  {
    name: 'a machine with one loopback address is no fault',
    file: 'src/http/connections/listen.ts',
    search: '      if (noSuchAddress.has(error.code)) return\n',
    replacement: '',
    tests: [loopbacks],
  },
  {
    name: 'connections of clients are bounded',
    file: connections,
    search: '    if (this.#held < this.#bounds.descriptorsMax) return true\n',
    replacement: '    if (this.#held < Infinity) return true\n',
    tests: [wire],
  },
  {
    name: 'clients hold fewer descriptors than the process may have',
    file: 'src/http/connections/bounds.ts',
    search: 'Math.min(openFilesMax - reserved, fitting)',
    replacement: 'Math.min(openFilesMax, fitting)',
    tests: ['test/http/connections/bounds.test.ts'],
  },
  {
    name: 'an address that holds much makes room for others, and not the other way round',
    file: connections,
    search: '      if (holder.held < heldMin || ',
    replacement: '      if (holder.held > heldMin || ',
    tests: [wire],
  },
  {
    name: 'a request that is being worked on is not closed to make room',
    file: 'src/http/connections/connection.ts',
    search: 'return answering?.complete === true ? null : 2',
    replacement: 'return 2',
    tests: [wire],
  },
  {
    name: 'what was ended is destroyed',
    file: connections,
    search:
      "      else if (connection.endedChecks * checkEveryMs > lingerMs) this.#drop(connection, 'ended')\n",
    replacement: '',
    tests: [wire],
  },
  {
    name: 'a client that takes nothing of its answer is cut off',
    file: connections,
    search:
      "      if (connection.stalledChecks * checkEveryMs >= idleWriteTimeoutMs) this.#drop(connection, 'stalled')\n      else if",
    replacement: '      if',
    tests: [wire, readers],
  },
  {
    name: 'a client that takes its answer slowly is not cut off',
    file: 'src/http/connections/connection.ts',
    search: 'taken === connection.taken ? connection.stalledChecks + 1 : 0',
    replacement: 'connection.stalledChecks + 1',
    tests: [units],
  },
  {
    name: 'no connection from the system does not end the process',
    file: 'src/http/connections/listen.ts',
    search: "  server.on('error', (error) => {",
    replacement: "  server.on('no error', (error) => {",
    tests: [wire],
  },
  {
    name: 'the parser is given a slice of what has come',
    file: 'src/http/connections/intake.ts',
    search: 'const sliceBytes = 1_024\n',
    replacement: 'const sliceBytes = 65_536\n',
    tests: [floods],
  },
  {
    name: 'a slice is short again once one brought many pieces',
    file: 'src/http/connections/intake.ts',
    search: 'this.#connection.receiving && ofSlice <= 3 ? bodySliceBytes : sliceBytes',
    replacement: 'bodySliceBytes',
    tests: [floods],
  },
  {
    name: 'few pipelined requests are read ahead',
    file: 'src/http/connections/intake.ts',
    search: 'if (queued.length >= queuedMax) return false',
    replacement: 'if (queued.length >= 4_000) return false',
    tests: [floods],
  },
  {
    name: 'few bytes of pipelined requests are read ahead',
    file: 'src/http/connections/intake.ts',
    search: 'const queuedBytesMax = 4 * 1_024',
    replacement: 'const queuedBytesMax = 4_096 * 1_024',
    tests: [floods],
  },
  {
    name: 'connections of clients fit into the memory there is',
    file: 'src/http/connections/bounds.ts',
    search: 'Math.min(openFilesMax - reserved, fitting)',
    replacement: 'Math.min(openFilesMax - reserved, clientDescriptorsMax)',
    tests: ['test/http/connections/bounds.test.ts'],
  },
  {
    name: 'a client is not blamed for what it sent and what lies here',
    file: 'src/http/connections/connection.ts',
    search: 'if (isRefused || socket.readableLength > 0 || queued.length > 0) return null',
    replacement: 'if (isRefused) return null',
    tests: [units],
  },
  {
    name: 'a client whose request is being answered owes no other one',
    file: 'src/http/connections/connection.ts',
    search: "return isHeadDue && answering === null ? 'head' : null",
    replacement: "return isHeadDue ? 'head' : null",
    tests: [units, requests],
  },
  {
    name: 'a body that was answered already has its time too',
    file: 'src/http/connections/connection.ts',
    search: '(answering === body || answering === null) && body',
    replacement: 'answering === body && body',
    tests: [units],
  },
  {
    name: 'requests that came whole are answered before what followed is refused',
    file: connections,
    search:
      '    if (connection.queued[0]?.request.complete === true) connection.refusal = answer\n    else answer()\n',
    replacement: '    answer()\n',
    tests: [requests],
  },
  {
    name: 'what comes with a request for an upgrade is read',
    file: 'src/http/connections/intake.ts',
    search: '    if (taken < slice.length && !socket.destroyed) socket.unshift(slice.subarray(taken))\n',
    replacement: '',
    tests: [requests],
  },
  {
    name: 'of one connection one request is answered at a time',
    file: connections,
    search: '      if (!connection.answering && connection.queued.length === 0) begin()\n',
    replacement: '      if (connection.queued.length === 0) begin()\n',
    tests: [floods],
  },
  {
    name: 'a turn takes so many units of work over all connections',
    file: 'src/http/connections/turns.ts',
    search: 'if (left === 0 || this.#left <= 0) return',
    replacement: 'if (left === 0) return',
    tests: [turns, floods],
  },
  {
    name: 'who wants more after a step waits for the next turn',
    file: 'src/http/connections/turns.ts',
    search: 'if (left === 0 || this.#left <= 0) return',
    replacement: 'if (this.#left <= 0) return',
    tests: [turns],
  },
  {
    name: 'who comes anew is served before the backlog',
    file: 'src/http/connections/turns.ts',
    search: '    this.#serve(this.#fresh, sizes[0])\n    this.#serve(this.#backlogged, sizes[1])\n',
    replacement: '    this.#serve(this.#backlogged, sizes[1])\n    this.#serve(this.#fresh, sizes[0])\n',
    tests: [turns],
  },
  {
    name: 'the pieces of a chunked body are put together',
    file: 'src/http/connections/pieces.ts',
    search: '    gathered.push(piece)\n',
    replacement: '    push(piece)\n',
    tests: [floods],
  },
  {
    name: 'a body in thousands of tiny chunks is refused',
    file: 'src/http/connections/pieces.ts',
    search: 'count > freePiecesMax && bytes',
    replacement: 'count > Infinity && bytes',
    tests: [floods, wire],
  },
  {
    name: 'a small body may come byte by byte',
    file: 'src/http/connections/pieces.ts',
    search: 'count > freePiecesMax && bytes',
    replacement: 'bytes',
    tests: [floods, wire],
  },
  {
    name: 'many chunks of some size are no flood',
    file: 'src/http/connections/pieces.ts',
    search: ' && bytes < count * pieceBytesMin',
    replacement: '',
    tests: [floods],
  },
  {
    name: 'what a refused flood still sends is read and parsed no more',
    file: 'src/http/connections/intake.ts',
    search: 'socket.readableLength === 0 || isRefused) return false',
    replacement: 'socket.readableLength === 0) return false',
    tests: [units],
  },
  {
    name: 'a connection is refused once',
    file: connections,
    search: '    if (connection.isRefused) return\n',
    replacement: '',
    tests: [units],
  },
  {
    name: 'clients that connect all at once are kept until they are accepted',
    file: 'src/http/connections/listen.ts',
    search: '      handle.listen(backlog)\n',
    replacement: '',
    tests: ['test/http/connections/backlog.test.ts'],
  },
]
