// Puts up messages about an alert: who is told, and how many within an hour.
import type { AlertRuleName } from '../config/alerts.ts'
import type { Context, TimedTx } from '../context.ts'
import { idAfterAll, newId } from '../ids.ts'
import { insertMessage, messagesWithin } from './store.ts'

export const hourMs = 60 * 60_000

/** The names of those whom a rule tells. */
export function receiversOf({ config }: Context, rule: AlertRuleName): readonly string[] {
  const { receivers, rules } = config.alerts
  return rules[rule]?.to ?? receivers.map(({ name }) => name)
}

interface NewMessage {
  readonly alertId: string
  readonly kind: 'fired' | 'recovered'
  readonly receiver: string
}

/** Beyond the receiver's number for an hour it is held back until there is room. */
export async function putUp({ config }: Context, { tx, nowMs }: TimedTx, message: NewMessage): Promise<void> {
  const { receiver } = message
  const [within] = await messagesWithin(tx, { receiver, after: nowMs - hourMs, upTo: idAfterAll('am') })
  const isHeldBack = (within?.messages ?? 0) >= config.alerts.perHour
  await insertMessage(tx, {
    ...message,
    id: newId('am', nowMs),
    state: isHeldBack ? 'held_back' : 'pending',
    dueAt: isHeldBack ? null : nowMs,
    nowMs,
  })
}
