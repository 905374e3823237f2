// Customers who cancel: what waits, what was posted, what has ended, and the same twice at once.
import { GatewayError } from '../../src/errors.ts'
import { cancelTask } from '../../src/tasks/queue/cancel.ts'
import type { Cancelled } from '../../src/tasks/queue/cancel.ts'
import { isNotTaken } from './evidence.ts'
import type { History } from './history.ts'
import type { Answer } from './lives.ts'
import { Broken, isOpen } from './model.ts'
import type { Post, TaskSeen } from './model.ts'

export function cancel(history: History): void {
  const { model, chance, story } = history
  const all = [...model.tasks.values()]
  const open = all.filter(({ state }) => isOpen(state))
  const tasks = open.length > 0 && !chance.oneIn(5) ? open : all
  if (tasks.length === 0) return
  const task = chance.pick(tasks)
  task.cancelAsked = true
  story.push(`    a cancel of ${task.id} of order ${task.order.label}`)
  const times = chance.oneIn(5) ? 2 : 1
  for (let time = 0; time < times; time += 1) ask(history, task)
}

function ask(history: History, task: TaskSeen): void {
  const { account, posts } = task.order
  const before = [...posts]
  history.lives.ask(
    'a cancel',
    async (ctx) => await cancelTask(ctx, account.id, task.id),
    (answer) => tell(history, task, before, answer),
  )
}

/** `before`: the posts of its order when it was asked. */
function tell(
  { lives, story }: History,
  task: TaskSeen,
  before: readonly Post[],
  answer: Answer<Cancelled>,
): void {
  const { id, order } = task
  const row = lives.outside.tasks().find((each) => each.id === id)
  if (!row) throw new Broken(`task ${id} is gone`)
  if ('value' in answer) {
    story.push(`    ${id} is cancelled`)
    const { taskId, creditsRefunded } = answer.value
    const isRight = taskId === id && creditsRefunded === order.creditsEach && row.cancelled === 1
    if (!isRight) throw new Broken(`a cancel of ${id} was told ${JSON.stringify(answer.value)}`)
    // Of those whose order was posted again for the others, this one was cancelled before.
    if (!task.cancelled && !before.every(isNotTaken)) {
      throw new Broken(`${id} was cancelled although order ${order.label} may have been taken`)
    }
    return
  }
  const isTooLate = answer.error instanceof GatewayError && answer.error.type === 'too_late'
  if (!isTooLate) return lives.expectNoError('a cancel', answer)
  story.push(`    ${id} is not cancelled: too late`)
  if (row.cancelled === 1) throw new Broken(`${id} was cancelled, and its owner was told that it was not`)
  if (row.state === 'queued' && order.posts.length === 0) {
    throw new Broken(`${id} was never posted, and could not be cancelled`)
  }
}
