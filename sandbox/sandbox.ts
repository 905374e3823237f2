// A Keevx that lives on loopback: same requests, same answers, real files, and faults on demand.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../src/clock.ts'
import type { Clock } from '../src/clock.ts'
import { createCallbacks } from './callbacks.ts'
import { createExchange } from './exchange.ts'
import { createMedia } from './media.ts'
import { createScript } from './scripted-answers.ts'
import type { ScriptedAnswer, ScriptedEndpoint } from './scripted-answers.ts'
import { createTasks } from './tasks.ts'
import type { FinalStatus, Submission } from './tasks.ts'
import { createUploads } from './uploads.ts'

export interface SandboxOptions {
  /** Only loopback: it accepts any order from any client. */
  readonly host?: '127.0.0.1'
  /** 0 chooses a free port. */
  readonly port?: number
  /** null accepts any bearer token that is not empty. */
  readonly apiKey?: string | null
  /** With a custom clock, callbacks are sent only by `deliverDue()`. */
  readonly clock?: Clock
  readonly imageMs?: number
  readonly videoMs?: number
  /** false: callback URLs are accepted and never called. */
  readonly callbacks?: boolean
  /** How long the receiver of a callback may take to answer it. */
  readonly callbackAnswerMs?: number
  /** The words `slow` and `lost` in a prompt mean something, as `fail` always does. */
  readonly drills?: boolean
  /** Beside real orders: it keeps few tasks and files, no bodies, and takes one upload at a time. */
  readonly lean?: boolean
}

export interface Sandbox {
  /** `http://127.0.0.1:PORT/v1` */
  readonly baseUrl: string
  /** A key that it accepts. */
  readonly apiKey: string
  /** Every POST that was accepted as paid work, oldest first. */
  readonly submissions: readonly Submission[]
  /** Number of requests per route: `POST /v1/image_generate`, `GET /v1/image_generate/:id`. */
  readonly requests: ReadonlyMap<string, number>
  /** Each answer serves one request of that endpoint, in order; then the normal behaviour resumes. */
  script(endpoint: ScriptedEndpoint, ...answers: ScriptedAnswer[]): void
  /** The answer of an endpoint when its queue is empty, until reset with null. */
  always(endpoint: ScriptedEndpoint, answer: ScriptedAnswer | null): void
  /** The task is lost: queries answer that it never existed. */
  forget(taskId: string): void
  /** The task never ends; 'all' includes future tasks. Only `finish` ends it. */
  freeze(taskId: string): void
  /** The task ends now with this status, whatever its prompt or the clock says. */
  finish(taskId: string, status: FinalStatus): void
  /** Sends the callbacks that are due by the clock, waits for their receivers, and returns their number. */
  deliverDue(): Promise<number>
  /** Callbacks that no receiver answered, and why; the first hundred. */
  readonly lostCallbacks: readonly string[]
  close(): Promise<void>
}

const imageMsDefault = 2_000
const videoMsDefault = 4_000
const callbackAnswerMsDefault = 5_000
/** Longer than any test idles, so that no kept-alive connection is closed while a client uses it. */
const keepAliveTimeoutMs = 120_000
/** Returned as `apiKey` if any key is accepted. */
const anyKey = 'sandbox-key'

const leanTasksMax = 5_000
/** Of files that were drawn, and again of uploads: the oldest go first. */
const leanBytesMax = 32 * 1024 * 1024

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const clock = options.clock ?? systemClock
  const apiKey = options.apiKey ?? null
  const tasks = createTasks({
    clock,
    imageMs: options.imageMs ?? imageMsDefault,
    videoMs: options.videoMs ?? videoMsDefault,
    drills: options.drills ?? false,
    ...(options.lean && { tasksMax: leanTasksMax, keepsBodies: false }),
  })
  const keptBytesMax = options.lean ? leanBytesMax : undefined
  const uploads = createUploads(keptBytesMax)
  const script = createScript()
  const callbacks = createCallbacks({
    clock,
    tasks,
    enabled: options.callbacks ?? true,
    answerMs: options.callbackAnswerMs ?? callbackAnswerMsDefault,
    timed: clock === systemClock,
  })
  const exchange = createExchange({
    apiKey,
    tasks,
    uploads,
    script,
    callbacks,
    media: createMedia(tasks, uploads, keptBytesMax),
    ...(options.lean && { uploadsInTurn: true }),
  })

  const server = createServer({ keepAliveTimeout: keepAliveTimeoutMs }, exchange.answer)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve)
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  tasks.serveFrom(origin)
  uploads.serveFrom(origin)

  return {
    baseUrl: `${origin}/v1`,
    apiKey: apiKey ?? anyKey,
    submissions: tasks.submissions,
    requests: exchange.requests,
    script: (endpoint, ...answers) => script.queue(endpoint, ...answers),
    always: (endpoint, answer) => script.always(endpoint, answer),
    forget: (taskId) => tasks.forget(taskId),
    freeze: (taskId) => tasks.freeze(taskId),
    finish(taskId, status) {
      tasks.finish(taskId, status)
      callbacks.wake()
    },
    deliverDue: () => callbacks.deliverDue(),
    lostCallbacks: callbacks.lost,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      exchange.stop()
      await Promise.all([closed, callbacks.close()])
    },
  }
}
