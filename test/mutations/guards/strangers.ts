// Load, files and downloads: strangers, readers that hang and busy machines keep no customer from being served.
import type { Guard } from '../guard.ts'

const hanging = 'test/media/hanging.test.ts'
const turns = 'test/media/turns.test.ts'
const readers = 'test/media/readers.test.ts'
const load = 'test/http/load.test.ts'
const downloads = 'test/media/shares.test.ts'
const queue = 'src/tasks/results/queue.ts'
const loopbacks = 'test/http/connections/loopbacks.test.ts'

export const guards: readonly Guard[] = [
  {
    name: 'localhost is both loopback addresses',
    file: 'src/http/frame.ts',
    search: "ctx.config.host === 'localhost'",
    replacement: "ctx.config.host === ''",
    tests: [loopbacks],
  },
  {
    name: 'files that are sent count as descriptors',
    file: 'src/http/media.ts',
    search: '  const letGo = ctx.connections.openFile(request.raw.socket)\n',
    replacement: '  const letGo: (() => void) | null = () => undefined\n',
    tests: [readers],
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
    search: "      else onError(some[index]?.name ?? '')\n",
    replacement: '      else throw reading.reason\n',
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
    name: 'a client that asked for a close is not kept waiting for it',
    file: 'src/http/bodies/unread-body.ts',
    search: 'if (asksForClose(request)) {',
    replacement: 'if (reply.raw.closed && asksForClose(request)) {',
    tests: ['test/http/wire/encodings.test.ts'],
  },
  {
    name: 'other work runs between the endpoints while the document is built',
    file: 'src/http/docs/openapi.ts',
    search: 'paths[url] = { ...paths[url], ...one?.[url] }\n    await setImmediate()\n',
    replacement: 'paths[url] = { ...paths[url], ...one?.[url] }\n',
    tests: ['test/openapi.test.ts'],
  },
  {
    name: 'reads of media that hang take no more threads than there are turns',
    file: 'src/media/volume/turns.ts',
    search: 'underWay[kind] < max[kind] && underWay.read + underWay.write < bounds.max',
    replacement: 'underWay[kind] < Infinity',
    tests: [turns, hanging],
  },
  {
    name: 'reads and writes of media together leave a thread for others',
    file: 'src/media/volume/turns.ts',
    search: ' && underWay.read + underWay.write < bounds.max',
    replacement: '',
    tests: [turns],
  },
  {
    name: 'who waits for a volume that does not answer is told so',
    file: 'src/media/volume/turns.ts',
    search: '          reject(new VolumeStalled())\n',
    replacement: '',
    tests: [turns, hanging],
  },
  {
    name: 'a turn that was given up is not taken later',
    file: 'src/media/volume/turns.ts',
    search: '          turn.takeBack()\n',
    replacement: '',
    tests: [turns],
  },
  {
    name: 'while operations hang nobody waits for their turns',
    file: 'src/media/volume/turns.ts',
    search: '      if (queue.isStalled(kind)) throw new VolumeStalled()\n',
    replacement: '',
    tests: [turns],
  },
  {
    name: 'a file that is opened too late is closed',
    file: 'src/media/volume/turns.ts',
    search: '(isOver ? late?.(result) : resolve(result))',
    replacement: 'resolve(result)',
    tests: [turns],
  },
  {
    name: 'files are read in turns',
    file: 'src/media/stores/disk.ts',
    search: "await fileTurns.run('read', open, closeLate)",
    replacement: 'await open()',
    tests: [hanging],
  },
]
