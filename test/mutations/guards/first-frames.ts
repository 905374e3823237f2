// Orders that make their first frame first: one price for both steps, each step ordered once, and nothing told of the frame.
import type { Guard } from '../guard.ts'

const steps = 'test/tasks/first-frame.test.ts'
const owner = 'test/tasks/first-frame-owner.test.ts'
const crash = 'test/tasks/first-frame-crash.test.ts'
const flow = 'test/flows/first-frame.test.ts'
const routes = 'test/flows/first-frame-routes.test.ts'
const archive = 'test/tasks/archive/first-frames.test.ts'
const catalog = 'test/catalog/compose.test.ts'

const settle = 'src/tasks/settle.ts'
const rows = 'src/tasks/first-frame/rows.ts'
const cancel = 'src/tasks/queue/cancel.ts'
const shares = 'src/tasks/create/first-frame.ts'
const find = 'src/tasks/read/find.ts'
const poll = 'src/tasks/poll/poll.ts'
const restored = 'src/tasks/rescue/restored.ts'
const quote = 'src/tasks/create/quote.ts'
const compose = 'src/catalog/compose/first-frame.ts'
const audit = 'src/ledger/pass/first-frames.ts'
const migration = 'migrations/sqlite/0019_first_frames.sql'

export const guards: readonly Guard[] = [
  {
    name: 'an order fails with its first frame',
    file: settle,
    search: 'return await failOrderOf(at, failed)',
    replacement: 'return failed',
    tests: [steps],
  },
  {
    name: 'all outputs of an order come back with its first frame',
    file: settle,
    search: '    ended.push(await failTask(at, task, failure))\n',
    replacement: '    if (ended.length === 0) ended.push(await failTask(at, task, failure))\n',
    tests: [steps],
  },
  {
    name: 'an order is queued with its first frame',
    file: settle,
    search: 'return await queueOrderOf(at, succeeded)',
    replacement: 'return succeeded',
    tests: [steps],
  },
  {
    name: 'an order that waits no more is not queued by its first frame',
    file: rows,
    search: "and(eq(requests.id, orderId), eq(requests.state, 'waiting'))",
    replacement: 'and(eq(requests.id, orderId), eq(requests.accountId, requests.accountId))',
    tests: [crash],
  },
  {
    name: 'an order waits for its first frame',
    file: 'src/tasks/create/store-orders.ts',
    search: "firstFrame ? 'waiting' : 'queued'",
    replacement: "firstFrame ? 'queued' : 'queued'",
    tests: [steps],
  },
  {
    name: 'a first frame is paid once by an order of several outputs',
    file: shares,
    search: 'at === 0 ? each + frame : each',
    replacement: 'each + frame',
    tests: [steps],
  },
  {
    name: 'a first frame is in the price of its order',
    file: 'src/catalog/catalog.ts',
    search: '+ (firstFrame?.credits ?? 0)',
    replacement: '+ 0',
    tests: [catalog, steps],
  },
  {
    name: 'a first frame that was perhaps taken is not cancelled: its attempts',
    file: cancel,
    search: '(await mayBePosted(tx, frame.request.id))',
    replacement: 'false',
    tests: [owner],
  },
  {
    name: 'the first frame of a cancelled order is not posted',
    file: cancel,
    search: "  if (frame) {\n    await moveRequest(tx, frame.request.id, { from: ['queued'], to })\n",
    replacement:
      '  if (frame && to.dueAt !== null) {\n    await moveRequest(tx, frame.request.id, { from: [], to })\n',
    tests: [owner],
  },
  {
    name: 'the task of a first frame is not cancelled by itself',
    file: cancel,
    search: ' || isFirstFrame(seen)',
    replacement: '',
    tests: [owner],
  },
  {
    name: 'nobody is told of a first frame',
    file: 'src/tasks/events/tell.ts',
    search: 'if (isFirstFrame(task)) return',
    replacement: 'void isFirstFrame',
    tests: [flow],
  },
  {
    name: 'a first frame is not found by its owner',
    file: find,
    search: "sql.placeholder('accountId')),\n    isOwners(read),",
    replacement: "sql.placeholder('accountId')),",
    tests: [owner],
  },
  {
    name: 'a first frame is not listed',
    file: find,
    search: 'and(of, isOwners(read), lt(tasks.id, end))',
    replacement: 'and(of, lt(tasks.id, end))',
    tests: [owner],
  },
  {
    name: 'a first frame is not in a filtered list',
    file: find,
    search: 'and(filtered, isOwners(read))',
    replacement: 'and(filtered)',
    tests: [owner],
  },
  {
    name: 'a first frame is no order of its own',
    file: 'src/tasks/read/orders.ts',
    search: ' && request.firstFrameOf === null',
    replacement: '',
    tests: [flow],
  },
  {
    name: 'a first frame is kept for nobody',
    file: poll,
    search: ' && !isFirstFrame(task)',
    replacement: '',
    tests: [crash],
  },
  {
    name: 'a first frame without an image is no result',
    file: poll,
    search: 'if (isFirstFrame(task) && imageUrl === null) return successWithoutFrame',
    replacement: 'void successWithoutFrame',
    tests: [steps],
  },
  {
    name: 'an order that waits in a copy is not posted from it',
    file: restored,
    search: "inArray(requests.state, ['queued', 'waiting'])",
    replacement: "inArray(requests.state, ['queued'])",
    tests: [crash],
  },
  {
    name: 'a video is posted with the first frame that was made',
    file: 'src/tasks/first-frame/order.ts',
    search: '{ ...charged, imageUrls: [firstFrameUrl] }',
    replacement: 'charged',
    tests: [steps],
  },
  {
    name: 'a video has the time of queue_for from when it could be posted',
    file: 'src/tasks/submit/outcome.ts',
    search: 'dueAt: request.readyAt ?? request.createdAt,',
    replacement: 'dueAt: request.createdAt,',
    tests: [steps],
  },
  {
    name: 'a video takes another route with its first frame',
    file: 'src/tasks/queue/pass-over.ts',
    search: 'orderToPost(request) })',
    replacement: 'request.order as unknown as Order })',
    tests: [routes],
  },
  {
    name: 'an order that takes another route stays as it was charged',
    file: 'src/tasks/queue/pass-over.ts',
    search: 'order: { ...other.order, imageUrls } }',
    replacement: 'order: { ...other.order } }',
    tests: [routes],
  },
  {
    name: 'a text is not moved to a route that needs an image',
    file: 'src/catalog/routing.ts',
    search: '!candidate.isComposed && ',
    replacement: '',
    tests: [catalog],
  },
  {
    name: "Keevx's own API makes no first frame",
    file: 'src/http/surfaces/keevx/orders.ts',
    search: 'if (firstFrame) throw imageMissing()',
    replacement: 'void imageMissing',
    tests: ['test/http/surfaces/keevx/refusals.test.ts'],
  },
  {
    name: 'a quote with images is none for an order that needs a first frame',
    file: quote,
    search: 'if (asked.priced.firstFrame && agreed.frame === null) throw notWithFrame()',
    replacement: 'void notWithFrame',
    tests: [flow],
  },
  {
    name: 'a model that takes a text by itself makes no first frame for it',
    file: compose,
    search: 'if (ways.every((way) => isNeedless(way, offer.ways)))',
    replacement: 'if (ways.length < 0 && isNeedless(ways[0] as Way, offer.ways))',
    tests: [catalog],
  },
  {
    name: 'an order is archived with its first frame, not the frame alone',
    file: 'src/tasks/archive/orders.ts',
    search: 'WHERE r.first_frame_of IS NULL AND ${which}',
    replacement: 'WHERE ${which}',
    tests: [archive],
  },
  {
    name: 'an order stays while a callback of its first frame may come',
    file: 'src/tasks/archive/orders.ts',
    search: 'WHERE ${isFrame} AND ${what}))`',
    replacement: 'WHERE 1 = 0 AND ${isFrame} AND ${what}))`',
    tests: [archive],
  },
  {
    name: 'the price of a first frame that was made for nothing is recorded',
    file: 'src/tasks/callbacks/orphans.ts',
    search: 'return made?.firstFrameCredits ?? 0',
    replacement: 'return made ? 0 : 0',
    tests: [crash],
  },
  {
    name: 'an upstream that an order will need is missed',
    file: 'src/tasks/unreachable/find.ts',
    search: "AND ${requests.state} IN ('queued', 'waiting') AND",
    replacement: "AND ${requests.state} IN ('queued') AND",
    tests: [crash],
  },
  {
    name: 'the audit: an order waits only while its first frame is made',
    file: audit,
    search: 'AND t.finished_at IS NULL)`',
    replacement: ')`',
    tests: [crash],
  },
  {
    name: 'the schema: no order leaves without its first frame',
    file: migration,
    search: "WHEN OLD.`state` = 'waiting' AND NEW.`state` IN ('queued', 'submitting', 'accepted')",
    replacement: "WHEN OLD.`state` = 'waiting' AND NEW.`state` IN ('nothing')",
    tests: [crash],
  },
  {
    name: 'the schema: no order waits again',
    file: migration,
    search: "WHEN NEW.`state` = 'waiting' AND OLD.`state` <> 'waiting'",
    replacement: "WHEN NEW.`state` = 'waiting' AND OLD.`state` = 'nothing'",
    tests: [crash],
  },
  {
    name: 'the schema: a first frame is not charged',
    file: migration,
    search: "WHERE EXISTS (SELECT 1 FROM `tasks` WHERE `id` = NEW.`task_id` AND `step` = 'first_frame')",
    replacement: "WHERE EXISTS (SELECT 1 FROM `tasks` WHERE `id` = NEW.`task_id` AND `step` = 'nothing')",
    tests: [crash],
  },
  {
    name: 'the schema: steps are fixed',
    file: migration,
    search: 'WHEN NEW.`step` IS NOT OLD.`step`',
    replacement: 'WHEN NEW.`step` IS OLD.`id`',
    tests: [crash],
  },
  {
    name: 'a first frame is not counted',
    file: migration,
    search: "AFTER INSERT ON `tasks` WHEN NEW.`step` IS NOT 'first_frame'",
    replacement: "AFTER INSERT ON `tasks` WHEN NEW.`step` IS NOT 'nothing'",
    tests: [owner],
  },
  {
    name: 'a first frame is not counted where it is',
    file: migration,
    search: "AND NEW.`step` IS NOT 'first_frame'\nBEGIN",
    replacement: "AND NEW.`step` IS NOT 'nothing'\nBEGIN",
    tests: [owner],
  },
  {
    name: 'an emptied picture is no order of a first frame',
    file: 'src/catalog/catalog.ts',
    search: 'if (isComposed) refuseEmptyPicture(body)',
    replacement: '',
    tests: ['test/http/surfaces/emptied-picture.test.ts'],
  },
]
