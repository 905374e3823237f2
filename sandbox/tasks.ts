// The accepted tasks: their data, their progress with the clock, and the answers to queries.
import { randomUUID } from 'node:crypto'
import type { Clock } from '../src/clock.ts'
import { videoSize } from './sizes.ts'

/** What each operation of the stand-in makes. */
export const kindOf = { image_generate: 'image', image_to_video: 'video' } as const

export type Operation = keyof typeof kindOf
export type FinalStatus = 'SUCCEEDED' | 'FAILED'

/** One order as parsed by the rules, with defaults filled in. */
export interface Work {
  readonly operation: Operation
  readonly prompt: string
  /** `std`, `pro`; `V`, `KL`, `S`. */
  readonly mode: string
  /** `1K`, `2K`, `4K`; `720p`, `1080p`, `4k`. */
  readonly size: string
  readonly ratio: string
  /** 0 for images. */
  readonly durationSeconds: number
  readonly count: number
  readonly callbackUrl: string | null
}

/** One POST that cost money. */
export interface Submission {
  readonly operation: Operation
  /** As it was sent. */
  readonly body: Readonly<Record<string, unknown>>
  /** The headers relevant to Keevx: authorization, source, content-type, user-agent. */
  readonly headers: Readonly<Record<string, string>>
  /** In the sandbox's time. */
  readonly at: number
  readonly taskIds: readonly string[]
}

export interface Task {
  readonly id: string
  readonly work: Work
  /** The index among its request's outputs, from 0. */
  readonly index: number
  readonly startsAt: number
  /** Infinity once frozen. */
  endsAt: number
  /** Set by `finish`, which overrides prompt and clock. */
  decided: FinalStatus | null
  /** A drill: it never ends, and from `endsAt` on it never existed. */
  readonly isLost: boolean
  forgotten: boolean
}

export interface Tasks {
  readonly submissions: readonly Submission[]
  serveFrom(origin: string): void
  accept(work: Work, body: Record<string, unknown>, headers: Record<string, string>): Task[]
  /** Includes forgotten tasks: their files stay. */
  find(id: string): Task | undefined
  finalStatus(task: Task): FinalStatus | null
  /** The documented `data` of a query; null if there is no such task. */
  observe(operation: Operation, id: string): Record<string, unknown> | null
  /** The body of a callback. */
  announce(task: Task): Record<string, unknown>
  forget(id: string): void
  freeze(id: string): void
  finish(id: string, status: FinalStatus): void
}

export interface TasksOptions {
  readonly clock: Clock
  readonly imageMs: number
  readonly videoMs: number
  readonly drills: boolean
  readonly tasksMax?: number
  /** false: `submissions` hold no bodies and headers. */
  readonly keepsBodies?: boolean
}

/** A sandbox may run for weeks: the oldest tasks beyond this number are dropped. */
const tasksUsual = 200_000
/** The share of a video's time that it spends queued. */
const pendingShare = 0.25
const failureWord = /\bfail\b/i
/** Words of drills. */
const slowWord = /\bslow\b/i
const lostWord = /\blost\b/i
/** A minute for a picture, two for a video: longer than most clients wait on one connection. */
const slowTimes = 30

export function createTasks(options: TasksOptions): Tasks {
  const { clock, videoMs, tasksMax = tasksUsual, keepsBodies = true } = options
  const tasks = new Map<string, Task>()
  const submissions: Submission[] = []
  let origin = ''
  let newTasksFrozen = false

  const find = (id: string): Task => tasks.get(id) ?? noTask(id)

  function create(work: Work, index: number, now: number): Task {
    const endsAt = newTasksFrozen ? Infinity : now + takesMs(work, options)
    const task = newTask(work, index, { startsAt: now, endsAt, isLost: isLost(work, options) })
    tasks.set(task.id, task)
    return task
  }

  function finalStatus(task: Task): FinalStatus | null {
    if (task.decided !== null) return task.decided
    if (clock.now() < task.endsAt || task.isLost) return null
    return failureWord.test(task.work.prompt) ? 'FAILED' : 'SUCCEEDED'
  }

  function status(task: Task): string {
    const final = finalStatus(task)
    if (final !== null) return final
    if (kindOf[task.work.operation] === 'image') return 'GENERATING'
    return clock.now() < task.startsAt + videoMs * pendingShare ? 'PENDING' : 'PROCESSING'
  }

  function freeze(task: Task): void {
    if (finalStatus(task) === null) task.endsAt = Infinity
  }

  return {
    submissions,
    serveFrom(from) {
      origin = from
    },
    accept(work, body, headers) {
      const at = clock.now()
      const made = Array.from({ length: work.count }, (_, index) => create(work, index, at))
      const sent = keepsBodies ? { body, headers } : nothingKept
      submissions.push({ operation: work.operation, ...sent, at, taskIds: made.map(({ id }) => id) })
      letGo(tasks, submissions, tasksMax)
      return made
    },
    find: (id) => tasks.get(id),
    finalStatus,
    observe(operation, id) {
      const task = tasks.get(id)
      if (task?.work.operation !== operation || isGone(task, clock.now())) return null
      return describe(task, status(task), origin)
    },
    announce: (task) => announce(task, describe(task, status(task), origin)),
    forget(id) {
      find(id).forgotten = true
    },
    freeze(id) {
      if (id !== 'all') return freeze(find(id))
      newTasksFrozen = true
      for (const task of tasks.values()) freeze(task)
    },
    finish(id, final) {
      find(id).decided = final
    },
  }
}

const isLost = ({ prompt }: Work, { drills }: TasksOptions): boolean => drills && lostWord.test(prompt)

const isGone = (task: Task, now: number): boolean => task.forgotten || (task.isLost && now >= task.endsAt)

function takesMs({ operation, prompt }: Work, { imageMs, videoMs, drills }: TasksOptions): number {
  const usualMs = kindOf[operation] === 'video' ? videoMs : imageMs
  return drills && slowWord.test(prompt) ? usualMs * slowTimes : usualMs
}

function newTask(work: Work, index: number, timing: Pick<Task, 'startsAt' | 'endsAt' | 'isLost'>): Task {
  const prefix = kindOf[work.operation] === 'video' ? 'i2v' : 'i2is'
  const id = `${prefix}-${randomUUID().replaceAll('-', '')}`
  return { id, work, index, ...timing, decided: null, forgotten: false }
}

function noTask(id: string): never {
  throw new Error(`the sandbox has no task ${id}`)
}

const nothingKept = { body: {}, headers: {} }

function letGo(tasks: Map<string, Task>, submissions: Submission[], tasksMax: number): void {
  while (tasks.size > tasksMax) {
    for (const id of submissions.shift()?.taskIds ?? []) tasks.delete(id)
  }
}

/**
 * The fields of a query's answer, in the order of the documents; only a finished video has width, height and
 * duration.
 */
function describe(task: Task, status: string, origin: string): Record<string, unknown> {
  const { operation, size, ratio, durationSeconds } = task.work
  const media = (suffix: string) => (status === 'SUCCEEDED' ? `${origin}/media/${task.id}${suffix}` : '')
  const image = kindOf[operation] === 'image'
  const failed = `${image ? 'Image' : 'Video'} generation failed due to content policy`
  const seen = {
    task_id: task.id,
    status,
    ...(image ? { image_url: media('.png') } : { video_url: media('.mp4') }),
    thumbnail_url: media('-thumbnail.png'),
    error_message: status === 'FAILED' ? failed : '',
  }
  if (image || status !== 'SUCCEEDED') return seen
  return { ...seen, duration: durationSeconds, ...videoSize(size, ratio) }
}

/** A callback contains part of a query's answer; the thumbnail only for videos. */
function announce({ work }: Task, seen: Record<string, unknown>): Record<string, unknown> {
  const told = { ...seen }
  for (const field of ['duration', 'width', 'height']) delete told[field]
  if (kindOf[work.operation] === 'image') delete told['thumbnail_url']
  return { code: 0, msg: 'ok', task_type: work.operation, data: told }
}
