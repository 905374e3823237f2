// Parked orders: what a request that comes again takes up, and what it never does.
import type { Guard } from '../guard.ts'

const claims = 'test/http/surfaces/openai/claims.test.ts'
const retries = 'test/http/surfaces/openai/retries.test.ts'
const spool = 'test/http/surfaces/openai/spool-places.test.ts'
const images = 'test/http/surfaces/openai/images.test.ts'
const patience = 'test/http/surfaces/openai/patience.long.test.ts'
const videos = 'test/http/surfaces/openai/videos.test.ts'
const attempts = 'src/http/surfaces/orders/attempts.ts'
const parked = 'src/tasks/create/parked.ts'
const deliver = 'src/http/surfaces/openai/images/deliver.ts'

export const guards: readonly Guard[] = [
  {
    name: 'an order is parked in the commit that makes it',
    file: 'src/tasks/create/store-orders.ts',
    search: 'order.parking ? [park(tx, order, order.parking)] : []',
    replacement: '[]',
    tests: [claims],
  },
  {
    name: 'nobody takes up the order of another account',
    file: parked,
    search:
      "        eq(parked.accountId, sql.placeholder('accountId')),\n        eq(parked.fingerprint, sql.placeholder('fingerprint')),\n",
    replacement: "        eq(parked.fingerprint, sql.placeholder('fingerprint')),\n",
    tests: [claims],
  },
  {
    name: 'an order that a client waits for is not taken up by an equal request',
    file: attempts,
    search: '  if (book.isHeld(requestId)) return null\n',
    replacement: '',
    tests: [claims],
  },
  {
    name: 'only the retry of the attempt that was answered gets the answer again',
    file: attempts,
    search: 'one.retryCount === retryCount - 1\n',
    replacement: 'one.retryCount >= 0\n',
    tests: [claims],
  },
  {
    name: 'an attempt that was refused leaves nothing to take up: its twin keeps its order',
    file: attempts,
    search: 'refused.take(client, retryCount - 1)',
    replacement: 'false',
    tests: [claims],
  },
  {
    name: 'an answered order is marked, so that the next equal request orders',
    file: attempts,
    search:
      '    if (stored && isDelivered && !held.isTakenOver) await markDelivered(ctx, requestId, retryCount)\n',
    replacement: '',
    tests: [claims],
  },
  {
    name: 'an attempt that is just being recorded is waited for, so that its retry finds it',
    file: attempts,
    search: '  for (const { recorded } of present) await recorded\n',
    replacement: '',
    tests: [retries],
  },
  {
    name: 'that another request was refused leaves a retry its order',
    file: 'src/http/surfaces/orders/refused-attempts.ts',
    search: " ${headers['content-length'] ?? ''}`",
    replacement: '`',
    tests: [retries],
  },
  {
    name: 'a picture that was ordered is taken up by an account that could order nothing more',
    file: 'src/tasks/create/expect-pictures.ts',
    search: ' || (key === null && (await hasParkedOrder(ctx, caller.accountId)))',
    replacement: '',
    tests: [retries],
  },
  {
    name: 'files count among what makes requests equal',
    file: 'src/http/surfaces/orders/place.ts',
    search: 'fields: wish.fields })',
    replacement: "fields: { ...(wish.fields as object), image: '' } })",
    tests: [claims],
  },
  {
    name: 'an answer that failed after its headers breaks off',
    file: deliver,
    search: '    await pause(beforeCutMs)\n    throw error\n',
    replacement: '',
    tests: [patience],
  },
  {
    name: 'who reads pictures slowly stops nobody: it is cut off while others wait',
    file: 'src/http/surfaces/openai/images/spool-places.ts',
    search: '    slow.cut()\n',
    replacement: '',
    tests: [spool],
  },
  {
    name: 'pictures that are being fetched are not cut off',
    file: 'src/http/surfaces/openai/images/spool-places.ts',
    search: 'readsSince !== null && clock',
    replacement: 'clock',
    tests: [spool],
  },
  {
    name: 'what is promised and not kept is refused',
    file: 'src/http/surfaces/openai/images/fields.ts',
    search: '  if (fields.mask !== undefined) throw noMask()\n',
    replacement: '',
    tests: [images],
  },
  {
    name: 'a deleted video is shown to nobody',
    file: 'src/http/surfaces/openai/videos/routes.ts',
    search: ' || task.deletedAt !== null) throw noSuchVideo()',
    replacement: ') throw noSuchVideo()',
    tests: [videos],
  },
  {
    name: 'a video that is still being made is not deleted',
    file: 'src/tasks/results/delete.ts',
    search: 'from: endedStates, to }',
    replacement: "from: ['running', 'queued', 'submitting', 'storing', ...endedStates], to }",
    tests: [videos],
  },
]
