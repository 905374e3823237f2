// Streams of all changes of an account's tasks, or of everybody's: bounded, kept alive, and ended with what opened them.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'
import { GatewayError } from '../../errors.ts'
import { createLive } from '../../tasks/live/live.ts'
import type { LiveTask } from '../../tasks/live/live.ts'
import type { StreamSocket } from '../connections/detach.ts'
import { endStream, headOf, heartbeatMs, retryMs, sendText } from './event-stream.ts'
import type { EventStream } from './event-stream.ts'
import { openingsThatHold } from './opening.ts'
import type { Opening } from './opening.ts'

/** Each holds a connection for as long as a page is open. */
const streamsMax = 2_000
const streamsOfOneMax = 50
const retryAfterMs = 5_000
/** A session that has ended ends its stream within a second. */
const checkEveryMs = 700
/** A client that does not read: it comes back, and is told what it missed. */
const unreadBytesMax = 256 * 1024
const cursorForm = /^\d{1,15}$/

export interface StreamFor {
  /** Null: the tasks of all accounts. */
  readonly accountId: string | null
  readonly opening: Opening
  /** The data of one event. */
  show(task: LiveTask): object
}

export interface Streams {
  /** Answers with a stream. Throws rate_limited. */
  open(wanted: StreamFor, reply: FastifyReply): Promise<void>
  /** Ends all; no other is opened. */
  stop(): void
}

interface Open extends EventStream {
  readonly opening: Opening
  spokenAt: number
}

export interface StreamMeans {
  detach(reply: FastifyReply): StreamSocket | null
  /** The request only waits from now on: it no longer counts as load. */
  release(request: FastifyRequest): void
  storeFailed(): boolean
}

export function createStreams(ctx: Context, { detach, release, storeFailed }: StreamMeans): Streams {
  const live = createLive(ctx)
  const places = createPlaces()
  const open = new Set<Open>()
  const stopping = new AbortController()
  let isChecking = false
  ctx.metrics.gauge('event_streams', 'Streams of the changes of many tasks.', async (gauge) => {
    gauge.set(open.size)
  })

  async function checkAll(): Promise<void> {
    while (open.size > 0 && !stopping.signal.aborted) {
      await ctx.clock.sleep(checkEveryMs, stopping.signal)
      if (stopping.signal.aborted) break
      await check(ctx, open, storeFailed)
    }
    isChecking = false
  }

  return {
    async open(wanted, reply) {
      const { accountId } = wanted
      const who = accountId ?? 'operators'
      const leavePlace = stopping.signal.aborted ? null : places.take(who)
      if (!leavePlace) throw tooMany()
      const { request } = reply
      const since = request.headers['last-event-id']
      const sinceMs = typeof since === 'string' && cursorForm.test(since) ? Number(since) : null
      const early: string[] = []
      let stream: Open | null = null
      const tell = (changed: readonly LiveTask[], atMs: number) => {
        const text = textOf(wanted, changed, atMs)
        if (stream) say(ctx, stream, text)
        else early.push(text)
      }
      const joined = await live.join(accountId, sinceMs, { tell }).catch((error: unknown) => {
        leavePlace()
        throw error
      })
      const leave = () => {
        leavePlace()
        joined.leave()
        if (stream) open.delete(stream)
      }
      release(request)
      const socket = take(reply, detach)
      if (!socket) return leave()
      socket.once('close', leave)
      stream = {
        socket,
        isChunked: request.raw.httpVersion !== '1.0',
        opening: wanted.opening,
        spokenAt: ctx.clock.monotonic(),
      }
      open.add(stream)
      say(ctx, stream, beginning(wanted, joined))
      for (const text of early) say(ctx, stream, text)
      if (isChecking) return
      isChecking = true
      void checkAll()
    },
    stop() {
      stopping.abort()
      live.stop()
      for (const stream of open) endStream(stream)
    },
  }
}

/** How many streams there are, in all and of each account. */
function createPlaces() {
  const held = new Map<string, number>()
  let all = 0
  return {
    /** Returns what gives the place back; null: there is none. */
    take(who: string): (() => void) | null {
      const own = held.get(who) ?? 0
      if (all >= streamsMax || own >= streamsOfOneMax) return null
      all += 1
      held.set(who, own + 1)
      let isHeld = true
      return () => {
        if (!isHeld) return
        isHeld = false
        all -= 1
        const left = (held.get(who) ?? 1) - 1
        if (left === 0) held.delete(who)
        else held.set(who, left)
      }
    },
  }
}

/** Null: the client has gone meanwhile. */
function take(reply: FastifyReply, detach: StreamMeans['detach']): StreamSocket | null {
  reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no').hijack()
  const head = headOf(reply.request, reply)
  const socket = detach(reply)
  if (socket) socket.write(head)
  else reply.raw.destroy()
  return socket
}

type Beginning = Awaited<ReturnType<ReturnType<typeof createLive>['join']>>

/** `reset`: lists that were read before this event may lack something; those that are read after it do not. */
function beginning(wanted: StreamFor, { missed, atMs }: Beginning): string {
  const first = `retry: ${retryMs}\n\n`
  return missed === null
    ? `${first}id: ${atMs}\nevent: reset\ndata: {}\n\n`
    : `${first}${textOf(wanted, missed, atMs)}: nothing was missed\n\n`
}

/** JSON.stringify emits no line breaks, so each is one line. */
const textOf = ({ show }: StreamFor, tasks: readonly LiveTask[], atMs: number): string =>
  tasks.map((task) => `id: ${atMs}\nevent: task\ndata: ${JSON.stringify(show(task))}\n\n`).join('')

function say(ctx: Context, stream: Open, text: string): void {
  stream.spokenAt = ctx.clock.monotonic()
  if (stream.socket.writableLength > unreadBytesMax) stream.socket.destroy()
  else sendText(stream, text)
}

/** Ends streams whose key or session has ended, and says something to those that were long silent. Never throws. */
async function check(ctx: Context, open: ReadonlySet<Open>, storeFailed: () => boolean): Promise<void> {
  const streams = [...open]
  try {
    const holding = await openingsThatHold(
      ctx,
      streams.map(({ opening }) => opening),
    )
    for (const stream of streams) {
      if (storeFailed() || !holding.has(stream.opening)) endStream(stream)
      else if (ctx.clock.monotonic() - stream.spokenAt >= heartbeatMs) say(ctx, stream, ': still here\n\n')
    }
  } catch (error) {
    // What cannot be checked is not gone on with.
    ctx.log.error({ err: error }, 'whether streams of events may go on could not be read; they are ended')
    for (const stream of streams) endStream(stream)
  }
}

const tooMany = () =>
  new GatewayError(
    'rate_limited',
    {
      en: `Too many streams of events are open: ${streamsOfOneMax} of one account are the most. Nothing was charged, and the tasks go on. Use one for a page, or wait as long as Retry-After says.`,
      zh: `打开的事件流过多:每个账户最多 ${streamsOfOneMax} 个。未扣除任何积分,任务照常进行。请每个页面只用一个,或按 Retry-After 指示的时间等待。`,
    },
    { retryAfterMs },
  )
