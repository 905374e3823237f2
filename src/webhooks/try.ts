// Sends one test webhook at once, signed like all others, without retries.
import type { Context } from '../context.ts'
import { GatewayError } from '../errors.ts'
import { newId } from '../ids.ts'
import { bodyOf } from './events/body.ts'
import { signingSecrets } from './signing/secrets.ts'
import { isTaken, send } from './send.ts'
import { endpointOf } from './store.ts'

export interface Trial {
  readonly id: string
  readonly url: string
  readonly delivered: boolean
  /** HTTP status; null if there was no complete answer. */
  readonly status: number | null
  /** Why it was not delivered. */
  readonly error: string | null
  readonly tookMs: number
}

/** Accounts with a running test: a receiver may hang for as long as `webhooks.timeout`. */
const underWay = new WeakMap<Context, Set<string>>()

/**
 * Sends to the account's URL, even if that is switched off, and changes nothing: neither that switch nor the
 * log of deliveries. Throws invalid_request if there is no URL, rate_limited while another test runs,
 * unavailable if it cannot be signed.
 */
export async function tryWebhook(ctx: Context, accountId: string, signal: AbortSignal): Promise<Trial> {
  const [endpoint] = await endpointOf(ctx.db.read, { accountId })
  if (!endpoint) throw nowhere()
  const accounts = underWay.get(ctx) ?? new Set()
  underWay.set(ctx, accounts)
  if (accounts.has(accountId)) throw oneAtATime()
  accounts.add(accountId)
  try {
    return await tryUrl(ctx, { accountId, url: endpoint.url }, signal)
  } finally {
    accounts.delete(accountId)
  }
}

async function tryUrl(
  ctx: Context,
  { accountId, url }: { readonly accountId: string; readonly url: string },
  signal: AbortSignal,
): Promise<Trial> {
  const secrets = await signingSecrets(ctx, accountId).catch((cause: unknown) => {
    ctx.log.error({ err: cause }, 'a webhook on trial could not be signed')
    throw cannotSign(cause)
  })
  const nowMs = ctx.clock.now()
  const id = newId('msg', nowMs)
  const body = bodyOf('webhook.test', nowMs, {
    message: 'A test of your webhook. Nothing was ordered or charged.',
  })
  const began = ctx.clock.monotonic()
  const { status, words } = await send(ctx, { id, url, body, secrets }, signal)
  const delivered = isTaken(status)
  return {
    id,
    url,
    delivered,
    status,
    error: delivered ? null : (words ?? `It answered HTTP ${status}.`),
    tookMs: Math.round(ctx.clock.monotonic() - began),
  }
}

const nowhere = () =>
  new GatewayError('invalid_request', {
    en: 'Your account has no webhook URL yet, so nothing was sent. Set it with PUT /api/v1/webhooks first.',
    zh: '您的账户尚未设置 Webhook 地址,未发送任何内容。请先通过 PUT /api/v1/webhooks 设置。',
  })

const oneAtATime = () =>
  new GatewayError(
    'rate_limited',
    {
      en: 'A test of your webhook is under way. Nothing more was sent. Wait for its answer.',
      zh: '您的 Webhook 测试正在进行中,未发送更多内容。请等待其结果。',
    },
    { retryAfterMs: 1_000 },
  )

const cannotSign = (cause: unknown) =>
  new GatewayError(
    'unavailable',
    {
      en: 'Webhooks cannot be signed at the moment, and none is sent unsigned. Nothing was sent. The operator has to look at the log.',
      zh: '当前无法对 Webhook 签名,未签名的内容不会发送。未发送任何内容。请联系运营方查看日志。',
    },
    { retryAfterMs: 60_000, cause },
  )
