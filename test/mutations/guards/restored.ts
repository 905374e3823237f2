// An older copy of the store: what it cannot know costs nobody anything, and nothing of a newer store is lost by it.
import type { Guard } from '../guard.ts'

const strays = 'test/media/strays.test.ts'
const forgotten = 'test/tasks/forgotten.test.ts'
const rescue = 'src/media/strays/sweep.ts'
const callbacks = 'src/tasks/callbacks/forgotten.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a file without a row has a grace',
    file: rescue,
    search: 'ctx.clock.now() - strayGraceMs',
    replacement: 'ctx.clock.now()',
    tests: [strays],
  },
  {
    name: 'no file goes by a clock that is not believed',
    file: rescue,
    search: 'if (!ctx.time.mayEnd(strayGraceMs)) return []',
    replacement: '',
    tests: [strays],
  },
  {
    name: 'a file that has a row again stays',
    file: rescue,
    search: 'if (!isKnown) await blobStoreFor',
    replacement: 'await blobStoreFor',
    tests: [strays],
  },
  {
    name: 'a token of a forgotten attempt speaks of its own operation alone',
    file: callbacks,
    search: 'hint.operation !== attempt.operation',
    replacement: "hint.operation === ''",
    tests: [forgotten],
  },
  {
    name: 'the secret of a forgotten attempt stands in no row',
    file: callbacks,
    search: "if (upstreamTaskId.includes(secret)) return 'unreadable'",
    replacement: '',
    tests: [forgotten],
  },
  {
    name: 'an order that was posted after the copy is waited for',
    file: callbacks,
    search: 'await moveRequest(tx, request.id, { from: [request.state], to: { attemptsMade: row.number } })',
    replacement: '',
    tests: [forgotten],
  },
  {
    name: 'all orders of a long queue are held',
    file: 'src/tasks/rescue/restored.ts',
    search: 'if (some.last === null) return held',
    replacement: 'return held',
    tests: ['test/tasks/restored.test.ts'],
  },
]
