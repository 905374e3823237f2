// This side of the writing thread: works go over many at a time, and so do their results come back.
import { Worker } from 'node:worker_threads'
import { CommitUnknown, DatabaseRefused } from './database.ts'
import { unpackError } from './portable.ts'
import type { PackedError, Portable } from './portable.ts'

export interface ThreadStart {
  readonly file: string
  readonly turnstile: SharedArrayBuffer
}

interface Sent {
  readonly id: number
  readonly name: string
  readonly input: unknown
}

export type ToThread = { readonly works: readonly Sent[] } | 'end'

export type Result =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: PackedError }

export type FromThread = { readonly results: readonly Result[] } | { readonly fatal: PackedError }

export interface ThreadEvents {
  /** Before anybody learns that his work was kept. */
  onCommit(): void
  onFatal(error: CommitUnknown): void
}

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

export class WriterThread {
  readonly #worker: Worker
  readonly #on: ThreadEvents
  readonly #waiting = new Map<number, Waiting>()
  #works: Sent[] = []
  #lastId = 0
  #refusal: Error | null = null
  #ending = false
  #failed = false
  readonly #gone: Promise<void>

  /** `entry` is a file that calls `serveWrites` with every work that it will be asked for. */
  constructor(entry: URL, start: ThreadStart, on: ThreadEvents) {
    this.#on = on
    this.#worker = new Worker(entry, { workerData: start })
    this.#worker.on('message', (message: FromThread) => {
      if ('results' in message) this.#hear(message.results)
      else this.#fail(new CommitUnknown(unpackError(message.fatal).cause))
    })
    this.#worker.on('error', (error) => this.#fail(new CommitUnknown(error)))
    this.#gone = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        if (!this.#ending) this.#fail(new CommitUnknown(new Error('the writing thread has ended')))
        resolve()
      })
    })
  }

  perform<Input, Output>(work: Portable<Input, Output>, input: Input): Promise<Output> {
    if (this.#refusal) return Promise.reject(this.#refusal)
    return new Promise<Output>((resolve, reject) => {
      this.#lastId += 1
      this.#waiting.set(this.#lastId, { resolve: resolve as (value: unknown) => void, reject })
      const sent = { id: this.#lastId, name: work.name, input }
      // All that one turn of the event loop brings goes over in one message.
      if (this.#works.push(sent) === 1) setImmediate(() => this.#send())
    })
  }

  /** Takes no more work; what was sent is done and answered still. */
  refuse(error: Error): void {
    this.#refusal ??= error
  }

  /** Takes no more work; resolves when all that was taken is done and answered. */
  async end(): Promise<void> {
    this.#refusal ??= new DatabaseRefused('The store is closed.')
    if (!this.#ending) {
      this.#ending = true
      this.#send()
      this.#worker.postMessage('end' satisfies ToThread)
    }
    await this.#gone
  }

  #send(): void {
    if (this.#works.length === 0) return
    this.#worker.postMessage({ works: this.#works } satisfies ToThread)
    this.#works = []
  }

  #hear(results: readonly Result[]): void {
    this.#on.onCommit()
    for (const result of results) {
      const waiting = this.#waiting.get(result.id)
      this.#waiting.delete(result.id)
      if ('error' in result) waiting?.reject(unpackError(result.error))
      else waiting?.resolve(result.value)
    }
  }

  /** What was on its way may have been kept or not, and nobody here can tell. */
  #fail(error: CommitUnknown): void {
    if (this.#failed) return
    this.#failed = true
    this.#refusal = error
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
    this.#on.onFatal(error)
  }
}
