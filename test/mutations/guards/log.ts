// The log of a served store: nothing is acknowledged or read before a thread has synced it.
import type { Guard } from '../guard.ts'

const served = 'test/db/served.test.ts'

const writer = 'src/db/sqlite/writer.ts'
const reader = 'src/db/sqlite/reader.ts'
const commits = 'src/db/sqlite/log/commits.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a served store answers nobody before the sync',
    file: commits,
    search: 'await log.sync()',
    replacement: 'void log.sync().catch(() => undefined)',
    tests: [served],
  },
  {
    name: 'a commit whose sync failed is unknown',
    file: commits,
    search: 'return then.unknown(error)',
    replacement: 'return then.durable()',
    tests: [served],
  },
  {
    name: 'nobody reads what is not on the disk',
    file: commits,
    search: 'this.#reader.hold()',
    replacement: '',
    tests: [served],
  },
  {
    name: 'no snapshot shows what is not on the disk',
    file: commits,
    search: 'if (this.#syncing) await new Promise<void>((resolve) => this.#looks.push(resolve))',
    replacement: '',
    tests: [served],
  },
  {
    name: 'the end of a turn does not show what is not on the disk',
    file: reader,
    search: 'if (held) return\n',
    replacement: '',
    tests: [served],
  },
  {
    name: 'a commit of another process is seen while one of ours waits',
    file: reader,
    search: 'if (held && held.version === othersVersion())',
    replacement: 'if (held)',
    tests: [served],
  },
  {
    name: 'one commit at a time waits for the disk',
    file: writer,
    search: 'await this.#on.commits.settled()\n    for (let pauseMs',
    replacement: 'for (let pauseMs',
    tests: [served],
  },
  {
    name: 'closing waits for the disk',
    file: writer,
    search: ' || this.#on.commits.settled()) {',
    replacement: ') {',
    tests: [served],
  },
  {
    name: 'a sync whose thread has died is unknown',
    file: 'src/db/sqlite/log/thread.ts',
    search: 'for (const { reject } of waiting.values()) reject(error)',
    replacement: '',
    tests: [served],
  },
]
