// Caps of keys and accounts: how many credits they may spend, in all and a day, and how many tasks of a key may be in flight.
import { eq, sql } from '../../db/drizzle.ts'
import { allOf } from '../../db/batched.ts'
import type { Connection, Tx } from '../../db/database.ts'
import { statement } from '../../db/statement.ts'
import { GatewayError } from '../../errors.ts'

/** The caps of one key or account. Null: no such cap. */
export interface Cap {
  readonly of: 'key' | 'account'
  /** The id of the key or of the account. */
  readonly subject: string
  readonly creditsTotalMax: number | null
  readonly creditsPerDayMax: number | null
  readonly tasksInFlightMax: number | null
}

/** The days that an order was counted under; null: there was no cap. */
export interface CapDays {
  readonly keyCapDay: number | null
  readonly accountCapDay: number | null
}

const noCapDays: CapDays = { keyCapDay: null, accountCapDay: null }

interface Wanted {
  readonly caps: readonly Cap[]
  /** As `today` tells it. */
  readonly day: number
  /** Credits, for all tasks together. */
  readonly total: number
  readonly count: number
}

/** The caps of one transaction: decided one after another, then written together. */
export interface Caps {
  /** Null: the order is within its caps, also with what was taken before. */
  refusal(wanted: Wanted): GatewayError | null
  /** Takes an order that was not refused. */
  take(wanted: Wanted): CapDays
  write(): Promise<void>
}

interface Use {
  readonly credits: number
  readonly day: number
  readonly creditsOfDay: number
  readonly tasksOpen: number
}

interface Counted {
  /** Of the order that was taken last: it had to be within it with all that was taken before. */
  cap: Cap
  /** Null: nothing was ever counted. */
  readonly before: Use | null
  after: Use
}

/** Reads nothing for orders without caps. */
export async function openCaps(tx: Tx, orders: readonly Pick<Wanted, 'caps'>[]): Promise<Caps> {
  const counted = new Map<string, Counted>()
  for (const { caps } of orders) {
    for (const cap of caps) counted.set(cap.subject, { cap, before: null, after: nothingUsed })
  }
  if (counted.size === 0) return noCaps
  const subjects = [...counted.keys()]
  const found = await allOf(subjects.map(async (subject) => await useOf(tx, { subject })))
  for (const [at, subject] of subjects.entries()) {
    const [before] = found[at] ?? []
    const each = counted.get(subject)
    if (before && each) counted.set(subject, { ...each, before, after: before })
  }
  const usedBy = ({ subject }: Cap): Use => counted.get(subject)?.after ?? nothingUsed
  return {
    refusal: (wanted) => obstacle(wanted, usedBy),
    take(wanted) {
      const days = { keyCapDay: null as number | null, accountCapDay: null as number | null }
      for (const cap of wanted.caps) {
        const each = counted.get(cap.subject)
        if (!each) throw new Error(`the caps of ${cap.subject} were not read`)
        each.cap = cap
        each.after = withOrder(each.after, wanted)
        days[cap.of === 'key' ? 'keyCapDay' : 'accountCapDay'] = each.after.day
      }
      return days
    },
    write: async () =>
      void (await allOf([...counted.values()].map(async (each) => await writeUse(tx, each)))),
  }
}

const noCaps: Caps = {
  refusal: () => null,
  take: () => noCapDays,
  write: () => Promise.resolve(),
}

const nothingUsed: Use = { credits: 0, day: 0, creditsOfDay: 0, tasksOpen: 0 }

/** Throws why an order is not within its caps, before work with costs of its own. Only the charge decides. */
export async function expectWithinCaps(read: Connection, wanted: Wanted): Promise<void> {
  const uses = new Map<string, Use>()
  for (const { subject } of wanted.caps) {
    const [use] = await useOf(read, { subject })
    if (use) uses.set(subject, use)
  }
  const reason = obstacle(wanted, ({ subject }) => uses.get(subject) ?? nothingUsed)
  if (reason) throw reason
}

/** What a key or an account has ordered while it had a cap; null: nothing. */
export async function usedOfCaps(read: Connection, subject: string): Promise<Use | null> {
  const [use] = await useOf(read, { subject })
  return use ?? null
}

/** The clock of another gateway may be ahead: a day that has begun for one has begun for all. */
const dayCounted = (use: Use, day: number): number => Math.max(use.day, day)

const ofDay = (use: Use, day: number): number => (use.day >= day ? use.creditsOfDay : 0)

const withOrder = (use: Use, { day, total, count }: Wanted): Use => ({
  credits: use.credits + total,
  day: dayCounted(use, day),
  creditsOfDay: ofDay(use, day) + total,
  tasksOpen: use.tasksOpen + count,
})

function obstacle(wanted: Wanted, usedBy: (cap: Cap) => Use): GatewayError | null {
  for (const cap of wanted.caps) {
    const use = usedBy(cap)
    const { creditsTotalMax: total, creditsPerDayMax: perDay, tasksInFlightMax: tasks } = cap
    if (total !== null && use.credits + wanted.total > total)
      return overTotal(cap, { needed: wanted.total, max: total, left: total - use.credits })
    const today = ofDay(use, wanted.day)
    if (perDay !== null && today + wanted.total > perDay)
      return overDay(cap, { needed: wanted.total, max: perDay, left: perDay - today })
    if (tasks !== null && use.tasksOpen + wanted.count > tasks)
      return tooManyOfKey(wanted.count, use.tasksOpen, tasks)
  }
  return null
}

/** The update repeats what was decided as its condition, and compares with the caps once more: no lock is relied on alone. */
async function writeUse(tx: Tx, { cap, before, after }: Counted): Promise<void> {
  if (after === (before ?? nothingUsed)) return
  const { subject } = cap
  const max = {
    totalMax: cap.creditsTotalMax ?? Number.MAX_SAFE_INTEGER,
    dayMax: cap.creditsPerDayMax ?? Number.MAX_SAFE_INTEGER,
    tasksMax: cap.tasksInFlightMax ?? Number.MAX_SAFE_INTEGER,
  }
  const written = before
    ? await updateUse(tx, {
        subject,
        ...after,
        ...max,
        creditsBefore: before.credits,
        dayBefore: before.day,
        ofDayBefore: before.creditsOfDay,
        tasksBefore: before.tasksOpen,
      })
    : await insertUse(tx, { subject, ...after })
  if (written.length === 0) throw new Error(`the caps of ${subject} changed while it was charged`)
}

const useOf = statement<Use>('cap_use', (read) => {
  const { capUses } = read.tables
  const { credits, day, creditsOfDay, tasksOpen } = capUses
  return read
    .select({ credits, day, creditsOfDay, tasksOpen })
    .from(capUses)
    .where(eq(capUses.subject, sql.placeholder('subject')))
    .limit(1)
})

const insertUse = statement<{ subject: string }>(
  'cap_use_insert',
  (tx) => {
    const { capUses } = tx.tables
    return tx
      .insert(capUses)
      .values({
        subject: sql.placeholder('subject'),
        credits: sql.placeholder('credits'),
        day: sql.placeholder('day'),
        creditsOfDay: sql.placeholder('creditsOfDay'),
        tasksOpen: sql.placeholder('tasksOpen'),
      })
      .onConflictDoNothing({ target: capUses.subject })
      .returning({ subject: capUses.subject })
  },
  { row: 'subject' },
)

const updateUse = statement<{ subject: string }>(
  'cap_use_update',
  (tx) => {
    const { capUses } = tx.tables
    const [credits, creditsOfDay] = [sql.placeholder('credits'), sql.placeholder('creditsOfDay')]
    const tasksOpen = sql.placeholder('tasksOpen')
    return tx
      .update(capUses)
      .set({
        credits: sql`${credits}`,
        day: sql`${sql.placeholder('day')}`,
        creditsOfDay: sql`${creditsOfDay}`,
        tasksOpen: sql`${tasksOpen}`,
      })
      .where(
        sql`${capUses.subject} = ${sql.placeholder('subject')}
          AND ${capUses.credits} = ${sql.placeholder('creditsBefore')} AND ${capUses.day} = ${sql.placeholder('dayBefore')}
          AND ${capUses.creditsOfDay} = ${sql.placeholder('ofDayBefore')} AND ${capUses.tasksOpen} = ${sql.placeholder('tasksBefore')}
          AND ${number(credits)} <= ${number(sql.placeholder('totalMax'))}
          AND ${number(creditsOfDay)} <= ${number(sql.placeholder('dayMax'))}
          AND ${number(tasksOpen)} <= ${number(sql.placeholder('tasksMax'))}`,
      )
      .returning({ subject: capUses.subject })
  },
  { row: 'subject' },
)

/** Two values without a column beside them would be compared as texts. */
const number = (placeholder: unknown) => sql`CAST(${placeholder} AS bigint)`

interface Over {
  readonly needed: number
  readonly max: number
  readonly left: number
}

const named = {
  key: { en: 'This key', zh: '此密钥' },
  account: { en: 'This account', zh: '此账户' },
} as const

/** A cap may have been set below what was used. */
const shown = (left: number): number => Math.max(0, left)

const overTotal = ({ of }: Cap, { needed, max, left }: Over) =>
  new GatewayError('credit_cap', {
    en: `${named[of].en} may spend ${max} credits in all (credits_total) and has ${shown(left)} of them left; this request costs ${needed}. Nothing was charged. Ask for less, or have the cap raised.`,
    zh: `${named[of].zh}总共最多可使用 ${max} 积分(credits_total),还剩 ${shown(left)};该请求需要 ${needed}。未扣除任何积分。请减少用量,或请运营方提高上限。`,
  })

const overDay = ({ of }: Cap, { needed, max, left }: Over) =>
  new GatewayError('credit_cap', {
    en: `${named[of].en} may spend ${max} credits a day (credits_per_day) and has ${shown(left)} of them left today; this request costs ${needed}. Nothing was charged. Ask for less, wait for the next day, or have the cap raised.`,
    zh: `${named[of].zh}每天最多可使用 ${max} 积分(credits_per_day),今天还剩 ${shown(left)};该请求需要 ${needed}。未扣除任何积分。请减少用量、等到次日,或请运营方提高上限。`,
  })

const tooManyOfKey = (wanted: number, open: number, max: number) =>
  new GatewayError('too_many_tasks', {
    en: `This request would start ${wanted} tasks; ${open} of at most ${max} of this key (tasks_in_flight) are in flight. Nothing was charged. Wait for some to end.`,
    zh: `该请求将创建 ${wanted} 个任务;此密钥当前进行中 ${open} 个,上限 ${max} 个(tasks_in_flight)。未扣除任何积分。请等待部分任务结束。`,
  })
