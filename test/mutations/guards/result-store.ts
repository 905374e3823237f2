// A store for results that breaks: nobody waits for it, nothing is lost by it, and it is used again.
import type { Guard } from '../guard.ts'

const down = 'test/media/store-down.long.test.ts'
const displaced = 'test/media/displaced.test.ts'
const disk = 'src/media/stores/disk.ts'
const breaker = 'src/media/health/breaker.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a file from another file system is copied',
    file: disk,
    search: "if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error",
    replacement: 'throw error',
    tests: ['test/media/other-disk.test.ts'],
  },
  {
    name: 'while the store does not work a success ends its task at once',
    file: 'src/tasks/poll/poll.ts',
    search: 'if (storing && mayBePassedOn(ctx, storing)) {',
    replacement: 'if (storing && storing.id === null) {',
    tests: [down],
  },
  {
    name: 'what was no result is not passed on unseen',
    file: 'src/tasks/results/pass-on.ts',
    search: "errorDetail === null && ctx.resultStore.state() !== 'works'",
    replacement: "errorDetail !== '' && ctx.resultStore.state() !== 'works'",
    tests: [down],
  },
  {
    name: 'a result that is seen and cannot be kept is in doubt no longer',
    file: 'src/tasks/results/store-result.ts',
    search: "if (result && 'isSeen' in result && result.isSeen) {",
    replacement: "if (result && 'isSeen' in result && result.part === 'thumbnail') {",
    tests: [down],
  },
  {
    name: 'probes are not believed where no file can be put',
    file: breaker,
    search: 'this.#failingTasks.size >= failingTasksMax',
    replacement: 'this.#failingTasks.size < 0',
    tests: [down],
  },
  {
    name: 'a failed put has the store probed at once',
    file: breaker,
    search: 'await this.recheck()',
    replacement: 'this.#checkedAt = Infinity',
    tests: [down],
  },
  {
    name: 'nothing is made in a folder that is another than at the start',
    file: 'src/media/volume/root.ts',
    search: "if ((await isSame()) || (holds === 'uploads' && !isFirst)) return",
    replacement: 'if ((await isSame()) || !isFirst) return',
    tests: [displaced],
  },
  {
    name: 'a file that is missing in another folder is not removed',
    file: disk,
    search: '        await mediaRoot.requireSame()\n        await rm(path, { force: true })',
    replacement: '        await rm(path, { force: true })\n        if (path === root)',
    tests: [displaced],
  },
  {
    name: 'a file that was put into a folder that was exchanged meanwhile is not kept',
    file: disk,
    search: 'await sync(each)\n        await mediaRoot.requireSame()',
    replacement: 'await sync(each)',
    tests: [displaced],
  },
  {
    name: 'what lies in another folder is no stray',
    file: 'src/media/strays/walk.ts',
    search: '      await mediaRoot.requireSame()\n',
    replacement: '',
    tests: [displaced],
  },
  {
    name: 'what comes in in another folder is not emptied',
    file: 'src/media/spool.ts',
    search: 'if (!(await mediaRoot.isSame())) return\n',
    replacement: '',
    tests: [displaced],
  },
]
