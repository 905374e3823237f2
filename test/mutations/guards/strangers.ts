// Connections, descriptors and load: strangers, readers that hang and busy machines keep no customer from being served.
import type { Guard } from '../guard.ts'

const wire = 'test/http/connections/connections.test.ts'
const readers = 'test/media/readers.test.ts'
const load = 'test/http/load.test.ts'
const downloads = 'test/media/shares.test.ts'
const floods = 'test/http/connections/floods.test.ts'
const turns = 'test/http/connections/turns.test.ts'
const connections = 'src/http/connections/connections.ts'
const queue = 'src/tasks/results/queue.ts'

const loopbacks = 'test/http/connections/loopbacks.test.ts'

export const guards: readonly Guard[] = [
  {
    name: 'localhost is both loopback addresses',
    file: 'src/http/server.ts',
    search: "if (ctx.config.host === 'localhost') {",
    replacement: "if (ctx.config.host === '') {",
    tests: [loopbacks],
  },
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
    search: 'Math.min(openFilesMax - reserved, clientDescriptorsMax)',
    replacement: 'Math.min(openFilesMax, clientDescriptorsMax)',
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
    tests: [wire],
  },
  {
    name: 'files that are sent count as descriptors',
    file: 'src/http/media.ts',
    search: '  const letGo = ctx.connections.openFile(request.raw.socket)\n',
    replacement: '  const letGo: (() => void) | null = () => undefined\n',
    tests: [readers],
  },
  {
    name: 'no connection from the system does not end the process',
    file: 'src/http/connections/listen.ts',
    search: "  server.on('error', (error) => {",
    replacement: "  server.on('no error', (error) => {",
    tests: [wire],
  },
  {
    name: 'a timer that fails for want of descriptors does not end the process',
    file: 'src/cli/shortage.ts',
    search: "new Set(['EMFILE', 'ENFILE'])",
    replacement: "new Set(['NONE'])",
    tests: ['test/cli/running.test.ts'],
  },
  {
    name: 'one metric that cannot be read does not hide the others',
    file: 'src/metrics.ts',
    search: '    } catch {\n      onError(name)\n',
    replacement: '    } catch (error) {\n      onError(name)\n      throw error\n',
    tests: [load],
  },
  {
    name: 'one account does not take all places for creates',
    file: 'src/http/load.ts',
    search: "  return account !== null && !shares[kind].mayTake(account) ? 'account' : null\n",
    replacement: '  return null\n',
    tests: [load],
  },
  {
    name: 'creates are refused when the queue of the writer is long',
    file: 'src/http/load.ts',
    search: "    if (works >= bounds.worksMax) return 'writer_queue'\n",
    replacement: '',
    tests: [load],
  },
  {
    name: 'a few works that are late refuse nobody',
    file: 'src/http/load.ts',
    search: 'oldestMs >= bounds.workAgeMaxMs && works >= bounds.lateWorksMin',
    replacement: 'oldestMs >= bounds.workAgeMaxMs',
    tests: [load],
  },
  {
    name: 'loops are judged by the time in which the process ran',
    file: 'src/worker/turns.ts',
    search: '      beats += 1\n',
    replacement: '      beats = Math.floor(clock.now() / beatMs)\n',
    tests: ['test/worker/turns.test.ts'],
  },
  {
    name: 'downloads of one account that hang leave places for others',
    file: queue,
    search: '!accounts.mayTake(row.accountId) || ',
    replacement: '',
    tests: [downloads],
  },
  {
    name: 'downloads of one host that hang leave places for others',
    file: queue,
    search: ' || !hosts.mayTake(host)) return false',
    replacement: ') return false',
    tests: [downloads],
  },
  {
    name: 'a claim that found no places for what it saw reads on where it ended',
    file: queue,
    search: '      let hasWrapped = false\n',
    replacement: '      let hasWrapped = false\n      from = start\n',
    tests: [downloads],
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
    search: ' || queued.length >= queuedMax) return false',
    replacement: ' || queued.length >= 4_000) return false',
    tests: [floods],
  },
  {
    name: 'of one connection one request is answered at a time',
    file: connections,
    search: '      if (connection.answering || connection.queued.length > 0) connection.queued.push(begin)\n',
    replacement: '      if (connection.queued.length > 0) connection.queued.push(begin)\n',
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
    search: '    this.#isRefused = true\n',
    replacement: '',
    tests: [wire],
  },
  {
    name: 'a client that asked for a close is not kept waiting for it',
    file: 'src/http/wire/unread-body.ts',
    search: 'if (asksForClose(request)) void dropped',
    replacement: 'if (reply.raw.closed && asksForClose(request)) void dropped',
    tests: ['test/http/wire/encodings.test.ts'],
  },
  {
    name: 'other work runs between the endpoints while the document is built',
    file: 'src/http/openapi.ts',
    search: '    await setImmediate()\n',
    replacement: '',
    tests: ['test/openapi.test.ts'],
  },
]
