// How a history ends: everything is answered, nobody orders any more, and time alone has to end every task.
import type { History } from './history.ts'
import { followHints } from './callbacks.ts'
import { Broken } from './model.ts'
import { moods } from './replies.ts'
import { submitTimeoutMs } from './rules.ts'
import { dispatch, poll, relieve, sweepUp } from './steps.ts'

/** How long past its deadline a submission is believed to be in somebody's hands, as published for operators. */
const leaseSlackMs = 15_000
/** The published half minute for repeating a last look that an outage spoiled. */
const lastLooksMs = 30_000
/** A look whose answer a store in trouble did not take is repeated after this. */
const lookLeaseMs = 60_000
const jumpsMs = [100, 1_000, 4_000]
const loopsJumpMs = 500

export async function end(history: History): Promise<void> {
  const { lives, keevx, clock, model, chance, hasLoops, story } = history
  lives.life.killIn = null
  relieve(history)
  keevx.mayBeLate = false
  keevx.mood = chance.pick(moods)
  story.push(`the end; Keevx is ${keevx.mood}`)
  while (keevx.held.length > 0) keevx.answerOne(0)
  await history.rest()
  const limitMs = deadline(history)
  while ([...model.accounts].some((account) => model.openTasksOf(account).length > 0)) {
    sweepUp(history)
    await lives.settle()
    dispatch(history)
    poll(history)
    followHints(history)
    await history.rest()
    if (clock.now() > limitMs) throw new Broken(`open past every limit: ${openTasks(history)}`)
    clock.advance(hasLoops ? loopsJumpMs : untilDue(history))
  }
  await history.inspect()
  const left = lives.outside.requests().find(({ state }) => state !== 'accepted' && state !== 'failed')
  if (left) throw new Broken(`all tasks have ended and request ${left.id} is ${left.state}`)
}

function deadline({ model, clock, lives }: History): number {
  const { queueForMs, giveUpAfterMs } = model.rules
  const stored = model.orders.filter(({ fate }) => fate === 'stored')
  const queuedUntil = Math.max(clock.now(), ...stored.map(({ at }) => at + queueForMs))
  const heldMs = submitTimeoutMs + leaseSlackMs + (lives.life.troubled ? lookLeaseMs : 0)
  return queuedUntil + heldMs + Math.max(...Object.values(giveUpAfterMs)) + lastLooksMs + Math.max(...jumpsMs)
}

/** To the next moment at which something is to be done, or a little further. */
function untilDue({ lives, clock, chance }: History): number {
  const rows = [...lives.outside.requests(), ...lives.outside.tasks()]
  const due = rows.map((row) => row.due_at ?? 0).filter((at) => at > clock.now())
  const nextMs = due.length === 0 ? 0 : Math.min(...due) - clock.now()
  return Math.max(nextMs, chance.pick(jumpsMs))
}

const openTasks = ({ model }: History): string =>
  [...model.tasks.values()]
    .filter(({ ended }) => ended === null)
    .map(({ id, state, order }) => `${id} of order ${order.label} is ${state}`)
    .join(', ')
