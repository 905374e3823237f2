// An older copy of the store: what it cannot know costs nobody anything, and nothing of a newer store is lost by it.
import type { Guard } from '../guard.ts'

const strays = 'test/media/strays.test.ts'
const forgotten = 'test/tasks/forgotten.test.ts'
const frames = 'test/tasks/first-frame-restored.test.ts'
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
  {
    name: 'what the replaced store posted with a first frame of its own is no drift',
    file: 'src/ledger/pass/first-frames.ts',
    search: "(c.state = 'accepted' AND c.ready_at IS NULL AND c.first_frame_url IS NULL)",
    replacement: "(c.state = 'waiting')",
    tests: [frames],
  },
  {
    name: 'an order that waits for its first frame is taken up by a callback',
    file: 'src/tasks/callbacks/assign.ts',
    search: "  if (request.state === 'waiting') {\n",
    replacement: "  if (request.state === 'failed') {\n",
    tests: [frames],
  },
  {
    name: 'a forgotten first frame has its price',
    file: callbacks,
    search: 'frameCredits: sql`r.first_frame_credits`',
    replacement: 'frameCredits: sql`NULL`',
    tests: [frames],
  },
  {
    name: 'a store from before there were first frames is carried over',
    file: callbacks,
    search: 'async () => await attemptRows(replaced, { after, frameCredits: sql`NULL` })',
    replacement: 'async () => []',
    tests: [frames],
  },
  {
    name: 'first frames are not told to the operator as orders',
    file: 'src/tasks/rescue/restored.ts',
    search: 'queued.filter((request) => request.firstFrameOf === null).length',
    replacement: 'queued.length',
    tests: [frames],
  },
  {
    name: 'what waited in a store that other tools have put back is held back',
    file: 'src/cli/commands/store/restored.ts',
    search: 'const held = await holdQueued(db, { config, nowMs })',
    replacement:
      'const held = await holdQueued({ transaction: async () => ({ last: null }) as any }, { config, nowMs })',
    tests: ['test/db/restored.test.ts'],
  },
  {
    name: 'what waited is not held back while a gateway posts it',
    file: 'src/cli/commands/store/restored.ts',
    search: 'const ownership = await store.own()',
    replacement: 'const ownership = { release: async () => undefined }',
    tests: ['test/db/restored.test.ts'],
  },
]
