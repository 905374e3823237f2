// One history, played step by step: the gateway's lives, its Keevx, and the model that everything is compared with.
import { verifyLedger } from '../../src/ledger/verify.ts'
import { lateness } from '../../src/tasks/rescue/rescue.ts'
import type { Config } from '../../src/config/config.ts'
import { manualClock } from '../support/clock.ts'
import { Audit } from './audit.ts'
import { chanceOf } from './chance.ts'
import type { Chance } from './chance.ts'
import { startMs } from './ground.ts'
import type { Ground } from './ground.ts'
import { Keevx } from './keevx.ts'
import { Lives } from './lives.ts'
import { Broken, Model } from './model.ts'
import { drawPrices, drawRules } from './rules.ts'
import { Told } from './told.ts'

const auditEvery = 25

/** What an upstream may bring about at any time, told to the operator. */
const alarms = /something else than|an upstream key rests/

export class History {
  readonly story: string[] = []
  readonly clock = manualClock(startMs)
  readonly model: Model
  readonly keevx: Keevx
  readonly lives: Lives
  readonly told: Told
  /** Whether the gateway's own loops run, or are walked turn by turn. */
  readonly hasLoops: boolean
  /** Of the present step. */
  chance: Chance
  readonly #ground: Ground
  readonly #folder: ReturnType<Ground['folder']>
  readonly #audit: Audit
  #config: Config
  #broken: Error | null = null
  #steps = 0

  constructor(ground: Ground, seed: number) {
    this.#ground = ground
    this.#folder = ground.folder()
    this.chance = chanceOf(seed)
    this.model = new Model(drawRules(this.chance), drawPrices(this.chance))
    for (const { id, keys } of ground.accounts) {
      const own = keys.map((key) => ({ ...key, revoked: false }))
      this.model.accounts.push({ id, keys: own, suspended: false, granted: 0, owed: 0 })
    }
    this.hasLoops = this.chance.oneIn(4)
    this.#audit = new Audit(this.model)
    this.told = new Told(this.model)
    this.#config = ground.configure(this.#folder.path, this.model.rules, this.model.prices)
    const shared = {
      clock: this.clock,
      chance: () => this.chance,
      tell: (line: string) => void this.story.push(line),
      broken: (error: Error) => void (this.#broken ??= error),
    }
    this.keevx = new Keevx({
      ...shared,
      model: this.model,
      attemptsOf: (requestId) => this.lives.outside.attemptsOf(requestId),
      cancelledOf: (requestId) => this.lives.outside.cancelledOf(requestId),
    })
    this.lives = new Lives(
      {
        ...shared,
        ground,
        folder: this.#folder.path,
        keevx: this.keevx,
        config: () => this.#config,
        hasLoops: this.hasLoops,
        onBegun: (outside) => {
          this.model.begun()
          this.#audit.compareHistory(outside)
        },
      },
      this.#folder.file,
    )
    const words = this.hasLoops ? 'its loops run' : 'its loops are walked'
    this.story.push(`${words}; ${JSON.stringify(this.model.rules)} ${JSON.stringify(this.model.prices)}`)
  }

  /** Lets everything come to rest, and compares the store with the model. Throws what does not hold. */
  async rest(): Promise<void> {
    await this.lives.settle()
    const { life, outside } = this.lives
    if (this.#broken) throw this.#broken
    // An alarm of what Keevx, or what stands before it, answers has its cause in the history.
    const errors = this.#ground
      .errors()
      .filter((line) => line.includes(`"life":${life.number},`) && !alarms.test(line))
    if (errors.length > 0 && !life.troubled) throw new Broken(`logged without cause: ${errors.join('')}`)
    this.model.rested()
    if (!life.troubled) this.model.settled(life.number)
    this.#audit.compare(outside, this.clock.now())
    this.#steps += 1
    if (this.#steps % auditEvery === 0) await this.verify((check) => !check.includes('past its limit'))
  }

  /** The gateway's own auditor finds nothing either. */
  async verify(matters: (check: string) => boolean = () => true): Promise<void> {
    const { ctx } = this.lives
    const { drift } = await verifyLedger(ctx.db, this.clock.now(), lateness(this.#config))
    const found = drift.filter(({ check }) => matters(check))
    if (found.length > 0) throw new Broken(`the auditor found ${JSON.stringify(found)}`)
  }

  /** Everything that can be asked is asked, and everything that was ever written is still as it was. */
  async inspect(): Promise<void> {
    const { outside, ctx } = this.lives
    await this.told.askAll(ctx, this.chance)
    this.#audit.compareHistory(outside)
    this.#audit.compareWorks(outside)
    await this.verify()
  }

  reprice(): void {
    this.model.prices = drawPrices(this.chance)
    this.#config = this.#ground.configure(this.#folder.path, this.model.rules, this.model.prices)
    this.lives.ctx.catalog.reload('operator')
  }

  async close(): Promise<void> {
    await this.lives.close()
    this.#folder.remove()
  }
}
