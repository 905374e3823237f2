// Sends a test to receivers at once, without retries, and says what became of it.
import type { Context } from '../context.ts'
import { conflictsNow, GatewayError } from '../errors.ts'
import { newId } from '../ids.ts'
import { sendTo } from './receivers/send.ts'
import type { Outcome } from './receivers/send.ts'
import { trialWords } from './words.ts'

export interface Trial extends Outcome {
  readonly receiver: string
  readonly type: string
}

type Outside = Pick<Context, 'config' | 'guard' | 'log' | 'clock'>

/** `only`: one receiver; null: all. Throws not_found if there is none of that name, invalid_request if none at all. */
export async function tryReceivers(ctx: Outside, only: string | null, signal: AbortSignal): Promise<Trial[]> {
  const { language, receivers } = ctx.config.alerts
  if (receivers.length === 0) throw noReceivers()
  const wanted = receivers.filter(({ name }) => only === null || name === only)
  if (wanted.length === 0) throw noSuchReceiver(receivers.map(({ name }) => name))
  const nowMs = ctx.clock.now()
  const words = { title: trialWords.title[language], text: trialWords.text[language] }
  return await Promise.all(
    wanted.map(async (receiver) => {
      const notice = { ...words, id: newId('am', nowMs), type: 'alert.test', data: {}, nowMs } as const
      const outcome = await sendTo(ctx, receiver, { notice, signal })
      return { receiver: receiver.name, type: receiver.type, ...outcome }
    }),
  )
}

const noReceivers = () =>
  new GatewayError(
    'invalid_request',
    {
      en: 'No receiver of alerts is configured, so nothing was sent. Name one under alerts.receivers in tollgate.yaml, and start the gateway again.',
      zh: '未配置任何告警接收方,未发送任何内容。请在 tollgate.yaml 的 alerts.receivers 下配置后重启网关。',
    },
    { detail: conflictsNow },
  )

const noSuchReceiver = (names: readonly string[]) =>
  new GatewayError(
    'not_found',
    {
      en: `There is no receiver of this name; there are ${names.join(', ')}. Nothing was sent.`,
      zh: `没有此名称的接收方;现有 ${names.join('、')}。未发送任何内容。`,
    },
    { field: 'receiver' },
  )
