// Answers an image request when its pictures are made: clients wait for them on one connection, for minutes.
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../../../context.ts'
import { GatewayError } from '../../../../errors.ts'
import { reasonIn, reasons } from '../../../../reasons.ts'
import { tasksOfOrder } from '../../../../tasks/read/order.ts'
import type { TaskColumns } from '../../../../tasks/read/view.ts'
import type { Patience } from '../../../v1/wait.ts'
import type { PlacedOrder } from '../../orders/place.ts'
import { waitForOrder } from './wait.ts'
import type { OrderWait } from './wait.ts'
import { generationFailed, openaiWire } from '../wire.ts'
import { completedPieces, jsonPieces, urlsAnswer } from './answer.ts'
import type { CompletedEvent } from './answer.ts'
import type { ImageWish } from './fields.ts'
import { openPictures } from './pictures.ts'
import type { Client } from './pictures.ts'

/** Shorter than the idle timeout of common proxies. */
const heartbeatMs = 15_000
/**
 * For this long the status is held back, so that a failure has one of its own. Proxies give up after a minute
 * without headers (docs/operating.md), and fetch in Node after five.
 */
const heldBackMs = { throughProxy: 50_000, direct: 240_000 }
/** For what has been written to leave before the connection is cut. */
const beforeCutMs = 100

export interface Delivery {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly order: PlacedOrder
  readonly wish: ImageWish
  readonly event: CompletedEvent['type']
}

interface Underway extends Delivery {
  readonly ctx: Context
  readonly wait: OrderWait
  /** By the monotonic clock. */
  readonly endAt: number
  readonly client: Client
}

/** Begins to send the answer, or throws while its status can still be chosen. */
export async function deliverImages(
  ctx: Context,
  { patience, waitForMs }: { readonly patience: Patience; readonly waitForMs: number },
  delivery: Delivery,
): Promise<undefined> {
  const { request, reply, order, wish } = delivery
  const beganAt = ctx.clock.monotonic()
  const wait = waitForOrder(ctx, patience, { order, reply })
  const underway: Underway = { ...delivery, ctx, wait, endAt: beganAt + waitForMs, client: clientOf(reply) }
  if (wish.isStream) return send(reply, 'text/event-stream', events(underway))
  const held = isProxied(request) ? heldBackMs.throughProxy : heldBackMs.direct
  const headersAt = Math.min(underway.endAt, beganAt + held)
  const why = await wait.until(order.taskIds, headersAt)
  if (why === 'left') return hangUp(reply)
  if (why === 'due' && headersAt < underway.endAt) return send(reply, json, lateJson(underway))
  if (why !== 'ended') throw stillMaking()
  return send(reply, json, await wholeJson(underway))
}

const json = 'application/json; charset=utf-8'

/** Not returned: a reply is awaited until it has been sent. */
function send(reply: FastifyReply, type: string, pieces: AsyncGenerator<string>): undefined {
  const body = Readable.from(pieces, { objectMode: false })
  void reply.type(type).header('cache-control', 'no-store').header('x-accel-buffering', 'no').send(body)
}

function hangUp(reply: FastifyReply): undefined {
  reply.hijack()
  reply.raw.destroy()
}

/** As proxies say; without one, the client itself decides how long it waits for headers. */
const isProxied = ({ headers }: FastifyRequest): boolean =>
  ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via'].some((name) => headers[name] !== undefined)

function clientOf({ raw }: FastifyReply): Client {
  const gone = new AbortController()
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort()
  })
  if (raw.destroyed) gone.abort()
  return { gone: gone.signal, cut: () => void raw.destroy() }
}

/** Throws if nothing was made, or cannot be read now. */
async function wholeJson({ ctx, order, wish, client }: Underway): Promise<AsyncGenerator<string>> {
  const tasks = await tasksOfOrder(ctx.db.read, order.requestId)
  const made = tasks.filter(({ state }) => state === 'succeeded')
  const created = createdOf(tasks)
  if (made.length === 0) {
    order.answersNow()
    throw noneMade(tasks)
  }
  const pictures = wish.format === 'url' ? [] : await openPictures(ctx, made, client)
  order.answersNow()
  if (wish.format === 'b64_json') return jsonPieces({ pictures, created, told: wish })
  return once(JSON.stringify(urlsAnswer(made, created, wish)))
}

/** After the headers: white space keeps the connection open. */
async function* lateJson(underway: Underway): AsyncGenerator<string> {
  const { ctx, wait, order, endAt, request } = underway
  try {
    for (;;) {
      yield ' '
      const why = await wait.until(order.taskIds, Math.min(endAt, ctx.clock.monotonic() + heartbeatMs))
      if (why === 'left') return
      if (why === 'ended') break
      if (why === 'stopped' || ctx.clock.monotonic() >= endAt) throw stillMaking()
    }
    yield* await wholeJson(underway)
  } catch (error) {
    // The SDKs would take a whole object with an error in it for a success. An answer that breaks off is a
    // failure to every client; those that try again take up the order, and get its status.
    yield errorText(request, error)
    await pause(beforeCutMs)
    throw error
  }
}

async function* events(underway: Underway): AsyncGenerator<string> {
  const { ctx, wait, order, endAt, request, event: type, wish, client } = underway
  try {
    let made = 0
    for (const taskId of order.taskIds) {
      yield ': waiting\n\n'
      for (;;) {
        const why = await wait.until([taskId], Math.min(endAt, ctx.clock.monotonic() + heartbeatMs))
        if (why === 'left') return
        if (why === 'ended') break
        if (why === 'stopped' || ctx.clock.monotonic() >= endAt) throw stillMaking()
        yield ': waiting\n\n'
      }
      const tasks = await tasksOfOrder(ctx.db.read, order.requestId)
      const task = tasks.find(({ id }) => id === taskId)
      if (task?.state !== 'succeeded') continue
      made += 1
      yield* completedPieces(ctx, { task, type, created: createdOf(tasks), told: wish }, client)
    }
    order.answersNow()
    if (made === 0) throw noneMade(await tasksOfOrder(ctx.db.read, order.requestId))
  } catch (error) {
    // The SDKs throw what an event says of an error.
    yield `event: error\ndata: ${errorText(request, error)}\n\n`
  }
}

function errorText(request: FastifyRequest, error: unknown): string {
  if (error instanceof GatewayError) return JSON.stringify(openaiWire.failure(request, error))
  request.log.error({ req: request.id, err: error }, 'a client that waited for its pictures gets an error')
  const internal = new GatewayError('internal', openaiWire.words.internal, { cause: error })
  return JSON.stringify(openaiWire.failure(request, internal))
}

async function* once(text: string): AsyncGenerator<string> {
  yield text
}

const createdOf = ([first]: readonly TaskColumns[]): number => Math.floor((first?.createdAt ?? 0) / 1000)

function noneMade([first]: readonly TaskColumns[]): GatewayError {
  const reason = first?.errorMessage ?? reasons.failed
  return new GatewayError(
    'invalid_request',
    {
      en: `${reasonIn('en', reason)} The credits came back.`,
      zh: `${reasonIn('zh', reason)} 积分已退还。`,
    },
    { detail: generationFailed },
  )
}

const stillMaking = () =>
  new GatewayError(
    'unavailable',
    {
      en: 'The pictures are still being made. Send the same request again: it takes up this order and costs nothing more. Unclaimed, they stay in your list of tasks (GET /api/v1/tasks).',
      zh: '图片仍在生成。请重新发送相同的请求:将直接取得本订单的结果,不再扣费。无人领取时,结果保留在任务列表中(GET /api/v1/tasks)。',
    },
    { retryAfterMs: 2_000 },
  )
