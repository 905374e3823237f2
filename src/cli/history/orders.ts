// The orders of a history: what is ordered, what the upstream makes of it, and how each comes to its end.
import { submitAnswers } from '../../../sandbox/scripted-answers.ts'
import type { ScriptedAnswer } from '../../../sandbox/scripted-answers.ts'
import { findCaller } from '../../accounts/callers.ts'
import { noteUse } from '../../accounts/key-uses.ts'
import { eq, sql } from '../../db/drizzle.ts'
import { statement } from '../../db/statement.ts'
import type { Tables } from '../../db/tables.ts'
import { GatewayError } from '../../errors.ts'
import { newId } from '../../ids.ts'
import { admitCallback } from '../../tasks/callbacks/url.ts'
import { hearCallback } from '../../tasks/callbacks/receive.ts'
import { createTasks } from '../../tasks/create/create.ts'
import { cancelTask } from '../../tasks/queue/cancel.ts'
import { hasEnded } from '../../tasks/state.ts'
import { chanceOf } from './drawn/chance.ts'
import type { Chance } from './drawn/chance.ts'
import { failureWords, fateOf, singleFailures, takesMs } from './drawn/fates.ts'
import type { Fate } from './drawn/fates.ts'
import { promptOf } from './drawn/prompts.ts'
import type { Customer, World } from './world.ts'

type TaskRow = Tables['tasks']['$inferSelect']

interface Order {
  readonly world: World
  readonly requestId: string
  readonly accountId: string
  readonly fate: Fate
  readonly needsMs: number
  /** Of its own: what the gateway does meanwhile changes nothing that is drawn for other orders. */
  readonly chance: Chance
  /** How often it was looked at without an end. */
  looks: number
}

const secondMs = 1_000
/** A loop posts an order at once, or when the upstream has room. */
const waitsMs = { least: 250, most: 2_400 }
const lookAgainMs = 15 * secondMs
/** More looks than any order needs; then the next gateway goes on with it. */
const looksMax = 400
/** Of the last tries after the limit, each is some seconds after the one before. */
const afterLimitMs = 9 * secondMs
const lateByMs = 4 * 60 * secondMs
/** Everything ends before the history does, with its webhooks. */
const lastMs = 45 * secondMs
const stuckMaxMs = 60 * 60 * secondMs
const secondKeyShare = 0.12
const seeds = 2 ** 31

/** Places one order. What the gateway refuses is refused, as in life. */
export async function placeOrder(
  world: World,
  customer: Customer,
  given?: Fate,
): Promise<'placed' | 'refused' | 'too few credits'> {
  const { ctx, agenda } = world
  const chance = chanceOf(world.chance.below(seeds))
  const nowMs = ctx.clock.now()
  const [first = '', second] = customer.keys
  const secret = second !== undefined && chance.isTrue(secondKeyShare) ? second : first
  const { body, needsMs } = bodyOf(chance, customer, given === undefined ? 'many' : 'one')
  const leftMs = world.span.endMs - nowMs
  const drawn = given ?? fateOf(chance)
  const fate = drawn === 'stuck' && leftMs < stuckMaxMs ? 'made' : drawn
  const caller = await findCaller(ctx.db, secret, { nowMs })
  if (!caller) return 'refused'
  noteUse(ctx.db, caller.keyId, nowMs)
  const requestId = newId('req', nowMs)
  try {
    await createTasks(ctx, { caller, body, requestId, idempotencyKey: null })
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    if (error.type !== 'insufficient_credits') return 'refused'
    world.watchClosely()
    return 'too few credits'
  }
  const order: Order = {
    world,
    requestId,
    accountId: customer.accountId,
    fate,
    needsMs: Math.min(needsMs, leftMs - lastMs),
    chance,
    looks: 0,
  }
  agenda.at(nowMs + chance.between(waitsMs.least, waitsMs.most), async () => await post(order))
  return 'placed'
}

const imageRatios = ['1:1', '1:1', '16:9', '4:3', '3:4', '9:16', '3:2']
const videoRatios = ['16:9', '16:9', '9:16']
const videoSeconds = [4, 4, 6, 8, 8]

function bodyOf(
  chance: Chance,
  { part }: Customer,
  outputs: 'one' | 'many',
): { readonly body: object; readonly needsMs: number } {
  const isVideo = chance.isTrue(part.videoShare)
  const prompt = promptOf(chance, { language: part.language, isVideo })
  const modelId = isVideo ? 'seedance-2' : chance.isTrue(0.58) ? 'gpt-image-2' : 'nano-banana-2'
  const fine = chance.isTrue(isVideo ? 0.15 : 0.12) ? (isVideo ? '1080p' : '4K') : undefined
  const duration = isVideo ? chance.pick(videoSeconds) : undefined
  const count = isVideo || outputs === 'one' || chance.isTrue(0.8) ? 1 : 2 + chance.below(3)
  const body = {
    model_id: modelId,
    prompt,
    aspect_ratio: chance.pick(isVideo ? videoRatios : imageRatios),
    ...(fine !== undefined && { resolution: fine }),
    ...(duration !== undefined && { duration }),
    ...(count > 1 && { generate_count: count }),
  }
  return { body, needsMs: takesMs(chance, { modelId, resolution: fine, durationSeconds: duration }) }
}

async function post(order: Order): Promise<void> {
  const { world, fate, accountId, requestId } = order
  const { ctx, sandbox, engine } = world
  if (fate === 'cancelled') {
    for (const { id } of await tasksOf(order)) {
      await cancelTask(ctx, accountId, id).catch((error: unknown) => {
        // The upstream may have been quicker.
        if (!(error instanceof GatewayError)) throw error
      })
    }
    return
  }
  const posted = sandbox.submissions.length
  if (order.looks === 0) prepareAnswer(order)
  await engine.submit()
  if (fate === 'cut off' && order.looks === 0) tellOfFirst(order, posted)
  await goOn(order, requestId)
}

/** The upstream's answer to the next order that is posted. */
function prepareAnswer({ fate, world: { sandbox } }: Order): void {
  const answer = answers[fate]
  if (answer) sandbox.script('submit', answer)
}

const answers: Partial<Record<Fate, ScriptedAnswer>> = {
  refused: submitAnswers.refused,
  limited: submitAnswers.tooMany,
  unanswered: submitAnswers.empty,
  'cut off': submitAnswers.cutOff,
}

/** Plans what comes next, by what has become of its tasks. */
async function goOn(order: Order, requestId: string): Promise<void> {
  const { world, fate, needsMs } = order
  const { ctx, agenda } = world
  const open = (await tasksOf({ world, requestId })).filter((task) => !hasEnded(task))
  world.deliverSoon()
  order.looks += 1
  if (open.length === 0 || order.looks > looksMax) return
  const nowMs = ctx.clock.now()
  const isQueued = open.some(({ state }) => state === 'queued')
  if (isQueued) return agenda.at(nowMs + lookAgainMs, async () => await post(order))
  const isUnknown = open.some(({ state }) => state === 'unknown')
  if (isUnknown) {
    const [request] = await requestOf(ctx.db.read, { requestId })
    world.watchClosely()
    return agenda.at(Math.max(request?.dueAt ?? 0, nowMs) + secondMs, async () => await giveUp(order))
  }
  const limitMs = Math.max(...open.map(({ giveUpAt }) => giveUpAt ?? nowMs))
  if (fate === 'stuck' || fate === 'late') {
    return agenda.at(Math.max(limitMs, nowMs) + afterLimitMs, async () => await lastLooks(order))
  }
  const waitMs = order.looks === 1 ? needsMs : lookAgainMs
  agenda.at(nowMs + waitMs, async () => await end(order))
}

/** The upstream has made it, or has failed to, and calls back. */
async function end(order: Order): Promise<void> {
  const { world, fate, requestId, chance } = order
  const { sandbox, engine } = world
  const running = (await tasksOf(order)).filter(({ state }) => state === 'running')
  const failing = running.filter(
    () => fate === 'failed' || (running.length > 1 && chance.isTrue(singleFailures)),
  )
  const words = chance.pick(failureWords)
  const made = running.filter((task) => !failing.includes(task))
  for (const { upstreamTaskId } of made)
    if (upstreamTaskId !== null) sandbox.finish(upstreamTaskId, 'SUCCEEDED')
  await engine.poll(made.map(({ id }) => id))
  for (const { id, upstreamTaskId } of failing) {
    if (upstreamTaskId === null) continue
    sandbox.finish(upstreamTaskId, 'FAILED')
    sandbox.always('query', { kind: 'observe', change: (data) => withWords(data, words) })
    await engine.poll([id])
    sandbox.always('query', null)
  }
  await goOn(order, requestId)
}

const withWords = (data: Record<string, unknown>, words: string): Record<string, unknown> =>
  data['status'] === 'FAILED' ? { ...data, error_message: words } : data

async function giveUp(order: Order): Promise<void> {
  await order.world.engine.rescue()
  await goOn(order, order.requestId)
}

/** It has not ended at its limit. */
async function lastLooks(order: Order): Promise<void> {
  const { world, fate, requestId } = order
  const tasks = await tasksOf(order)
  await world.engine.poll(tasks.filter(({ state }) => state === 'running').map(({ id }) => id))
  await goOn(order, requestId)
  if (fate !== 'late' || (await tasksOf(order)).some((task) => !hasEnded(task))) return
  const ids = tasks.flatMap(({ upstreamTaskId }) => (upstreamTaskId === null ? [] : [upstreamTaskId]))
  world.agenda.at(world.ctx.clock.now() + lateByMs, async () => await callBack(world, ids))
}

/** Of the two works the first was posted when the connection broke: it is made, and called back about. */
function tellOfFirst({ world, needsMs }: Order, posted: number): void {
  const ids = world.sandbox.submissions[posted]?.taskIds ?? []
  world.agenda.at(world.ctx.clock.now() + needsMs, async () => await callBack(world, ids))
}

/** These works have ended, and no poll would find out. */
async function callBack(
  { ctx, sandbox, engine, watchClosely }: World,
  ids: readonly string[],
): Promise<void> {
  for (const id of ids) {
    sandbox.finish(id, 'SUCCEEDED')
    const submission = sandbox.submissions.find(({ taskIds }) => taskIds.includes(id))
    const url = submission?.body['callback_url']
    const [token = '', attemptId = ''] = typeof url === 'string' ? url.split('/').toReversed() : []
    const attempt = await admitCallback(ctx, attemptId, token)
    if (!submission || !attempt) continue
    const { operation } = submission
    const file = operation === 'image_generate' ? { image_url: '' } : { video_url: '' }
    const data = { task_id: id, status: 'SUCCEEDED', ...file, error_message: '' }
    await hearCallback(ctx, attempt, {
      body: { code: 0, msg: 'ok', task_type: operation, data },
      secret: token,
    })
  }
  await engine.follow()
  watchClosely()
}

const tasksOf = async ({
  world: { ctx },
  requestId,
}: Pick<Order, 'world' | 'requestId'>): Promise<TaskRow[]> => await tasksOfOrder(ctx.db.read, { requestId })

const tasksOfOrder = statement<TaskRow>('history_tasks', (read) => {
  const { tasks } = read.tables
  return read
    .select()
    .from(tasks)
    .where(eq(tasks.requestId, sql.placeholder('requestId')))
    .orderBy(tasks.id)
})

const requestOf = statement<Pick<Tables['requests']['$inferSelect'], 'dueAt'>>('history_request', (read) => {
  const { requests } = read.tables
  return read
    .select({ dueAt: requests.dueAt })
    .from(requests)
    .where(eq(requests.id, sql.placeholder('requestId')))
})
