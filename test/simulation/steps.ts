// What can happen next in a history, how likely it is, and how it is done.
import { claimSubmissions, submit } from '../../src/tasks/submit/submit.ts'
import { createCleaning } from '../../src/tasks/rescue/cleanup.ts'
import { rescue } from '../../src/tasks/rescue/rescue.ts'
import { claimPolls } from '../../src/tasks/poll/claim.ts'
import { pollTask } from '../../src/tasks/poll/poll.ts'
import { callBack, followHints } from './callbacks.ts'
import { cancel } from './cancels.ts'
import type { Chance } from './chance.ts'
import type { History } from './history.ts'
import type { StoreFault } from './life.ts'
import { changeKeys, grant, grantAgain, suspendOrActivate } from './operator.ts'
import { create, createAtOnce, createOnce, createWhileSuspended, repeat } from './orders.ts'
import { moods } from './replies.ts'

/** Its chance begins with a seed of its own, so that it means the same when others are left out. */
export interface Step {
  readonly what: StepName
  readonly seed: number
}

/** From less than a poll to more than every lease. */
const waitsMs = [20, 100, 100, 300, 300, 700, 1_500, 3_000, 17_000, 61_000]
const claimsMax = [1, 2, 8]
const passagesMax = 14
const busyMax = 6
const faults: readonly StoreFault[] = [
  'busy',
  'full',
  'commit fails',
  'kept but not confirmed',
  'a neighbour throws',
]

type Verb = (history: History) => void | Promise<void>

const verbs = {
  create: [20, create],
  'create at once': [4, createAtOnce],
  'create while suspended': [1, createWhileSuspended],
  'create once': [4, createOnce],
  repeat: [4, repeat],
  cancel: [6, cancel],
  dispatch: [18, dispatch],
  poll: [18, poll],
  rescue: [6, sweepUp],
  wait: [14, ({ clock, chance }) => clock.advance(chance.pick(waitsMs))],
  answer: [10, ({ keevx, chance }) => keevx.answerOne(chance.below(keevx.held.length))],
  'call back': [10, callBack],
  follow: [6, followHints],
  weather: [3, changeWeather],
  grant: [5, grant],
  'grant again': [1, grantAgain],
  'suspend or activate': [2, suspendOrActivate],
  'change keys': [1, changeKeys],
  reprice: [2, (history) => history.reprice()],
  ask: [4, async ({ told, lives, chance }) => await told.ask(lives.ctx, chance)],
  kill: [2, ({ lives }) => lives.life.kill('between two steps')],
  'kill soon': [3, ({ lives, chance }) => void (lives.life.killIn = chance.below(passagesMax))],
  stop: [1, async ({ lives }) => await lives.stop()],
  trouble: [2, trouble],
  relief: [2, relieve],
} as const satisfies Record<string, readonly [weight: number, verb: Verb]>

export type StepName = keyof typeof verbs

const weighed = Object.entries(verbs).map(([what, [weight]]) => [weight, what as StepName] as const)

export function drawStep(chance: Chance): Step {
  return { what: chance.weigh(weighed), seed: chance.seed() }
}

export async function take(history: History, what: StepName): Promise<void> {
  const verb: Verb = verbs[what][1]
  await verb(history)
}

const never = new AbortController().signal

export function dispatch(history: History): void {
  const { lives, chance, hasLoops } = history
  if (hasLoops) return lives.wakeAll()
  const max = Math.min(chance.pick(claimsMax), history.model.rules.inFlightMax)
  lives.ask('dispatch', async (ctx) => {
    for (const upstream of ctx.upstreams.values()) {
      for (const submission of await claimSubmissions(ctx, upstream, max)) {
        lives.ask('submit', async () => await submit(ctx, submission, never))
      }
    }
  })
}

export function poll({ lives, chance, hasLoops }: History): void {
  if (hasLoops) return lives.wakeAll()
  const max = chance.pick(claimsMax)
  lives.ask('poll', async (ctx) => {
    for (const task of await claimPolls(ctx, max)) {
      lives.ask('track', async () => await pollTask(ctx, task, never))
    }
  })
}

export function sweepUp({ lives, hasLoops }: History): void {
  if (hasLoops) return lives.wakeAll()
  lives.ask('sweep', async (ctx) => {
    while (await rescue(ctx));
    const { turn } = createCleaning(ctx)
    while (await turn());
  })
}

function changeWeather({ keevx, chance, story }: History): void {
  keevx.mood = chance.pick(moods)
  story.push(`    Keevx is ${keevx.mood}`)
}

function trouble({ lives, chance, story }: History): void {
  const fault = chance.pick(faults)
  const times = fault === 'busy' ? 1 + chance.below(busyMax) : 1
  story.push(`    the store: ${fault}, ${times} times`)
  for (let time = 0; time < times; time += 1) lives.life.faults.push(fault)
}

export function relieve({ lives }: History): void {
  lives.life.faults.splice(0)
  if (lives.life.troubled) lives.ask('relief', async () => await lives.life.limitPages(false))
}
