// The lives of a gateway on one store: each begins where the one before ended, in order or by being killed.
import { join } from 'node:path'
import type { Config } from '../../src/config/config.ts'
import type { Context } from '../../src/context.ts'
import { bringPollsCloser, releaseLeases } from '../../src/tasks/rescue/release-leases.ts'
import { createWakeups, startWorker } from '../../src/worker/worker.ts'
import type { Wakeups, Worker } from '../../src/worker/worker.ts'
import type { ManualClock } from '../support/clock.ts'
import type { Chance } from './chance.ts'
import type { Ground } from './ground.ts'
import type { Keevx } from './keevx.ts'
import { Life } from './life.ts'
import { Broken } from './model.ts'
import { lookFromOutside } from './outside.ts'
import type { Outside } from './outside.ts'

/** Turns of the event loop after which something is going round in circles. */
const turnsMax = 10_000
const tornBytesMax = 6_000
/** Passages after which a new process is killed at the latest, when it is to be killed while it begins. */
const firstPassages = 6
const stopEveryMs = 100

export type Answer<Value> = { readonly value: Value } | { readonly error: unknown }

export interface Surroundings {
  readonly ground: Ground
  readonly folder: string
  readonly clock: ManualClock
  readonly keevx: Keevx
  readonly chance: () => Chance
  /** As it would be read by a process that starts now. */
  readonly config: () => Config
  readonly hasLoops: boolean
  readonly tell: (line: string) => void
  readonly broken: (error: Error) => void
  readonly onBegun: (outside: Outside) => void
}

export class Lives {
  life: Life
  outside: Outside
  readonly #in: Surroundings
  /** How those who come after find out what became of something that was asked and never answered. */
  readonly #doubts = new Set<(outside: Outside) => void>()
  #wakeups: Wakeups = createWakeups()
  #worker: Worker | null = null

  constructor(surroundings: Surroundings, file: string) {
    this.#in = surroundings
    this.life = this.#born(1, file)
    this.outside = lookFromOutside(file)
    this.#wakeUp()
  }

  get ctx(): Context {
    return this.life.ctx
  }

  /** Asks the present life for something; it may be cut off before it answers, and then nobody is told. */
  ask<Value>(
    what: string,
    work: (ctx: Context) => Promise<Value>,
    tell: (answer: Answer<Value>) => void = (answer) => this.expectNoError(what, answer),
    inDoubt: (outside: Outside) => void = () => undefined,
  ): void {
    const { life } = this
    this.#doubts.add(inDoubt)
    const answered = (answer: Answer<Value>) => {
      if (life.dead) return
      this.#doubts.delete(inDoubt)
      try {
        tell(answer)
      } catch (error) {
        this.#in.broken(error as Error)
      }
    }
    work(life.ctx).then(
      (value) => answered({ value }),
      (error: unknown) => answered({ error }),
    )
  }

  expectNoError(what: string, answer: Answer<unknown>): void {
    if ('error' in answer && !this.life.troubled)
      throw new Broken(`"${what}" failed: ${String(answer.error)}`, { cause: answer.error })
  }

  /** Lets everything go on until it waits for the clock or for Keevx, and begins anew where it was killed. */
  async settle(): Promise<void> {
    await this.#rest()
    while (this.life.dead) {
      await this.#next(this.#image())
      await this.#rest()
    }
  }

  wakeAll(): void {
    for (const wakeup of Object.values(this.#wakeups)) wakeup.wakeAll()
  }

  /** Ends the present life in order: what Keevx was asked is answered and written down. */
  async stop(): Promise<void> {
    const { life } = this
    const { keevx, clock } = this.#in
    keevx.mayBeLate = false
    const stopped = { is: this.#worker === null }
    void this.#worker?.stop().then(() => (stopped.is = true))
    do {
      while (keevx.held.length > 0) keevx.answerOne(0)
      await this.#rest()
      if (!stopped.is) clock.advance(stopEveryMs)
    } while (!stopped.is && !life.dead)
    keevx.mayBeLate = true
    if (life.dead) return
    const left = this.outside.requests().find(({ state }) => state === 'submitting')
    if (left && this.#worker && !life.troubled)
      throw new Broken(`a stop in order leaves ${left.id} submitting`)
    await this.#next(life.file)
  }

  async close(): Promise<void> {
    this.outside.close()
    await this.life.close()
  }

  async #rest(): Promise<void> {
    let turns = 0
    do {
      await new Promise((resolve) => setImmediate(resolve))
      if ((turns += 1) > turnsMax) throw new Broken('the gateway never comes to rest')
    } while (this.life.busy > 0)
  }

  #image(): string {
    return join(this.#in.folder, `life-${this.life.number + 1}.db`)
  }

  async #next(file: string): Promise<void> {
    const { keevx, onBegun, chance, tell } = this.#in
    await this.close()
    keevx.forget(this.life)
    this.life = this.#born(this.life.number + 1, file)
    this.outside = lookFromOutside(file)
    for (const resolve of this.#doubts) resolve(this.outside)
    this.#doubts.clear()
    onBegun(this.outside)
    tell(`    life ${this.life.number} begins`)
    if (chance().oneIn(8)) this.life.killIn = chance().below(firstPassages)
    this.#wakeUp()
  }

  /** As the app does: first what the process before held, then the loops. */
  #wakeUp(): void {
    const { life } = this
    this.#worker = null
    this.#wakeups = createWakeups()
    this.ask('take over', async (ctx) => {
      await releaseLeases(ctx)
      if (life.dead) return
      if (this.#in.hasLoops) this.#worker = startWorker(ctx, this.#wakeups)
      // The worker does so too, before its first poll.
      else await bringPollsCloser(ctx, { onTurn: () => undefined, signal: new AbortController().signal })
    })
  }

  #born(number: number, file: string): Life {
    const { ground, keevx, chance, tell, clock, config, folder } = this.#in
    return new Life({
      number,
      file,
      image: join(folder, `life-${number + 1}.db`),
      config: config(),
      base: ground.base,
      clock,
      adapter: (life) => keevx.adapter(life),
      wake: (loop) => this.#wakeups[loop].wakeAll(),
      onEnd: (where) => tell(`    killed: ${where}`),
      torn: () => (chance().oneIn(2) ? tornBytes(chance()) : null),
    })
  }
}

function tornBytes(chance: Chance): Uint8Array {
  return Uint8Array.from({ length: 1 + chance.below(tornBytesMax) }, () => chance.below(256))
}
