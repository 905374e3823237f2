// First frames that would be paid for in vain: by the operator while no upstream takes their videos, or by nobody.
import type { Guard } from '../guard.ts'

const file = 'src/tasks/first-frame/hold.ts'
const tests = ['test/tasks/first-frame-outage.test.ts']

export const guards: readonly Guard[] = [
  {
    name: 'a first frame waits for an upstream that is out of order',
    file: 'src/tasks/submit/submit.ts',
    search: "return untilMs === null ? 'here' : { heldUntil: untilMs }",
    replacement: "return untilMs === null ? 'here' : 'here'",
    tests,
  },
  {
    name: 'a first frame is made where nothing else would find out',
    file,
    search: '(queue?.waiting ?? 0) > 0',
    replacement: '(queue?.waiting ?? 0) >= 0',
    tests,
  },
  {
    name: 'first frames of two upstreams do not wait for each other',
    file,
    search: 'if (firstFrameOf === null || isOutOfOrder(upstream)) return null',
    replacement: 'if (firstFrameOf === null) return null',
    tests,
  },
  {
    name: 'a first frame does not wait where another route makes the video',
    file,
    search: 'if (otherRouteOf(ctx, { modelId: order.modelId, order: asked })) return null',
    replacement: 'void otherRouteOf',
    tests,
  },
  {
    name: 'orders behind first frames that wait are posted',
    file: 'src/tasks/submit/submit.ts',
    search: '      await park(scope.tx, pick.id, standing.heldUntil)\n',
    replacement: '',
    tests,
  },
  {
    name: 'the output that bears the price of a first frame is cancelled last',
    file: 'src/tasks/queue/cancel.ts',
    search: 'if (frame && isFirst && !isLast) throw cancelOthersFirst()',
    replacement: 'void cancelOthersFirst',
    tests: ['test/tasks/first-frame-owner.test.ts'],
  },
  {
    name: 'a prediction is cancelled from its last output',
    file: 'src/http/surfaces/replicate/surface.ts',
    search: 'tasks.toReversed()',
    replacement: 'tasks',
    tests: ['test/http/surfaces/replicate/first-frame.test.ts'],
  },
]
