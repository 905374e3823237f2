// Looks at every rule, and records what is newly wrong and what is over, with a message to each receiver.
import type { AlertRuleName } from '../config/alerts.ts'
import type { Context } from '../context.ts'
import { idAfterAll, idTime, newId } from '../ids.ts'
import { hourMs, putUp, receiversOf } from './messages.ts'
import type { Finding, Rule } from './rules/rule.ts'
import {
  closeAlert,
  heldBack,
  messagesWithin,
  messagesOf,
  oldAlerts,
  openAlert,
  openAlerts,
  putUpAgain,
  removeAlert,
  removeMessagesOf,
  seeAlert,
} from './store.ts'
import type { AlertRow } from './store.ts'

/** Something is over once it was not found for so long: what comes and goes is one alert. */
export const quietMs = 5 * 60_000
/** What was held back for longer helps nobody. */
const heldBackMaxMs = 24 * hourMs
const keptMs = 90 * 24 * hourMs
const removedPerTurnMax = 100

export interface Watch {
  /** Never throws. */
  turn(): Promise<void>
}

interface Found extends Finding {
  readonly rule: AlertRuleName
  /** It was found for as long as its rule asks for. */
  readonly isDue: boolean
}

export function createWatch(ctx: Context, rules: readonly Rule[]): Watch {
  /** Since when each finding is there without a break, by rule and subject. */
  let since = new Map<string, number>()

  const lookAt = async (rule: Rule, nowMs: number): Promise<readonly Finding[] | null> => {
    try {
      return await rule.find(nowMs)
    } catch (error) {
      ctx.log.warn({ rule: rule.name, err: error }, 'a rule of the alerts could not look; it looks again')
      return null
    }
  }

  return {
    async turn() {
      const nowMs = ctx.clock.now()
      const isFirst = ctx.instances.isFirst()
      const found: Found[] = []
      const unseen = new Set<string>()
      const still = new Map<string, number>()
      for (const rule of rules) {
        if (rule.scope === 'store' && !isFirst) continue
        const findings = await lookAt(rule, nowMs)
        if (!findings) unseen.add(rule.name)
        for (const finding of findings ?? []) {
          const key = `${rule.name} ${finding.subject}`
          const sinceMs = since.get(key) ?? nowMs
          still.set(key, sinceMs)
          found.push({ ...finding, rule: rule.name, isDue: nowMs - sinceMs >= rule.afterMs })
        }
      }
      since = still
      try {
        if (isFirst) await putUpHeldBack(ctx)
        await record(ctx, found)
        if (isFirst) await closeQuiet(ctx, unseen)
        if (isFirst) await forgetOld(ctx)
      } catch (error) {
        ctx.log.warn({ err: error }, 'alerts could not be recorded; what is still wrong is found again')
      }
    },
  }
}

/** What was held back goes before what is new: else the many that are new would keep it back for ever. */
async function putUpHeldBack({ db, clock, config }: Context): Promise<void> {
  const nowMs = clock.now()
  const { receivers, perHour } = config.alerts
  const upTo = idAfterAll('am')
  for (const { name: receiver } of receivers) {
    const [within] = await messagesWithin(db.read, { receiver, after: nowMs - hourMs, upTo })
    const max = perHour - (within?.messages ?? 0)
    if (max <= 0) continue
    const since = { after: nowMs - heldBackMaxMs, seenAfter: nowMs - quietMs }
    const held = await heldBack(db.read, { receiver, ...since, max })
    if (held.length === 0) continue
    await db.transaction(async (tx) => {
      for (const { id } of held) await putUpAgain(tx, { id, nowMs })
    })
  }
}

async function record(ctx: Context, found: readonly Found[]): Promise<void> {
  if (found.length === 0) return
  const nowMs = ctx.clock.now()
  await ctx.db.transaction(async (tx) => {
    for (const { rule, subject, facts, isDue } of found) {
      await seeAlert(tx, { rule, subject, nowMs })
      if (!isDue) continue
      const [opened] = await openAlert(tx, { id: newId('alert', nowMs), rule, subject, facts, nowMs })
      if (!opened) continue
      const receivers = receiversOf(ctx, rule)
      for (const receiver of receivers) {
        await putUp(ctx, { tx, nowMs }, { alertId: opened.id, kind: 'fired', receiver })
      }
      ctx.log.warn({ alert: opened.id, rule, subject, facts }, 'an alert')
    }
  })
}

/** One message that it is over, to those who were told that it began. */
async function closeQuiet(ctx: Context, unseen: ReadonlySet<string>): Promise<void> {
  const nowMs = ctx.clock.now()
  const quietSince = nowMs - quietMs
  const quiet = (await openAlerts(ctx.db.read, {})).filter(
    ({ rule, seenAt }) => seenAt <= quietSince && !unseen.has(rule),
  )
  if (quiet.length === 0) return
  await ctx.db.transaction(async (tx) => {
    for (const { id, rule, subject } of quiet) {
      const [closed] = await closeAlert(tx, { id, nowMs, quietSince })
      if (!closed) continue
      for (const { receiver, state } of await messagesOf(tx, { alertId: id })) {
        if (state !== 'held_back')
          await putUp(ctx, { tx, nowMs }, { alertId: id, kind: 'recovered', receiver })
      }
      ctx.log.info({ alert: id, rule, subject }, 'an alert is over')
    }
  })
}

async function forgetOld({ db, clock, time }: Context): Promise<void> {
  // While the clock is not trusted nothing is forgotten for its age.
  if (!time.mayEnd(keptMs)) return
  const before = `alert_${idTime(clock.now() - keptMs)}`
  const old: Pick<AlertRow, 'id'>[] = await oldAlerts(db.read, { before, max: removedPerTurnMax })
  if (old.length === 0) return
  await db.transaction(async (tx) => {
    for (const { id } of old) {
      await removeMessagesOf(tx, { alertId: id })
      await removeAlert(tx, { id })
    }
  })
}
