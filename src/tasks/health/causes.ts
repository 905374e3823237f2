// What the answers to orders say of an upstream: good, the order's own fault, or one of a few troubles, with what each means.
import type { Text } from '../../errors.ts'

/** As attempts begin their detail; see `upstream/answers/answer.ts`. */
export const seenLetters = 'HTTP 429'.length

export type Cause =
  | 'rate_limited'
  | 'server_error'
  | 'no_answer'
  | 'not_connected'
  | 'key_rejected'
  | 'turned_away'
  | 'unclear'

/** `refused`: for what the order asks. `open`: without an outcome, or ended by us. */
export type Standing = 'accepted' | 'refused' | 'open' | Cause

/** By the state of an attempt, and how its detail begins. */
export function standingOf(state: string, seen: string): Standing {
  if (state === 'accepted') return 'accepted'
  if (state === 'open' || isOurs(seen)) return 'open'
  if (seen === 'HTTP 429') return 'rate_limited'
  if (seen.startsWith('HTTP 5') || seen === 'HTTP 408') return 'server_error'
  if (seen === 'HTTP 401') return 'key_rejected'
  if (state === 'refused') return 'refused'
  return causeOf(state, seen)
}

function causeOf(state: string, seen: string): Cause {
  if (seen === 'not conn') return 'not_connected'
  if (['timed_ou', 'broken', 'broken: '].includes(seen)) return 'no_answer'
  return state === 'not_accepted' ? 'turned_away' : 'unclear'
}

/** Its process stood still or ended, or it was given up with it: that says nothing of the upstream. */
const isOurs = (seen: string): boolean => ['it was n', 'the proc', 'aborted', 'aborted:'].includes(seen)

interface Explained {
  readonly meaning: Text
  readonly advice: Text
}

export const explained: Readonly<Record<Cause, Explained>> = {
  rate_limited: {
    meaning: {
      en: 'It takes no more orders at the moment (HTTP 429). Nothing was ordered by these; the orders wait and are sent again.',
      zh: '上游暂不接收更多订单(HTTP 429)。这些请求没有下单;订单会等待并自动重发。',
    },
    advice: {
      en: 'Nothing to do while orders wait briefly: the gateway finds the limit by itself. If they wait long, add a key, or ask for a higher limit.',
      zh: '若等待时间很短则无需处理:网关会自行探明上限。若等待过久,请增加密钥或申请更高限额。',
    },
  },
  server_error: {
    meaning: {
      en: 'It failed while it took an order (HTTP 5xx). It may have made the work, so such an order is sent again only as submit.ambiguous allows.',
      zh: '上游接收订单时出错(HTTP 5xx)。任务可能已生成,因此仅按 submit.ambiguous 的设置重发。',
    },
    advice: {
      en: 'Look at Reconcile for work that was made and not sold. If it lasts, ask the upstream; customers get their credits back for what fails.',
      zh: '请在对账页查看已生成但未售出的任务。若持续出现,请联系上游;失败的任务会退还积分。',
    },
  },
  no_answer: {
    meaning: {
      en: 'The order was sent, and no whole answer came: the connection broke, or the time limit was over. It may have been taken.',
      zh: '订单已发送,但没有收到完整的回应:连接中断,或已超过时限。订单可能已被接收。',
    },
    advice: {
      en: 'Callbacks tell what became of such orders: set PUBLIC_URL. If it is often, look at Reconcile, at the network between, and whether submit.timeout is too short.',
      zh: '回调可确认这类订单的结果:请设置 PUBLIC_URL。若经常出现,请查看对账页、检查网络,并确认 submit.timeout 是否过短。',
    },
  },
  not_connected: {
    meaning: {
      en: 'No connection came about, so nothing was ordered. The orders wait and are sent again.',
      zh: '未能建立连接,因此没有下单。订单会等待并自动重发。',
    },
    advice: {
      en: 'Check DNS, the firewall and the way out of this machine; `tollgate doctor` tries a connection.',
      zh: '请检查 DNS、防火墙与本机的出网线路;`tollgate doctor` 会尝试连接。',
    },
  },
  key_rejected: {
    meaning: {
      en: 'The key was refused. The gateway lets it rest and tries it again with one order at a time; nothing was charged upstream.',
      zh: '密钥被拒绝。网关会暂停使用它,并每次仅用一个订单重试;上游没有扣费。',
    },
    advice: {
      en: 'Check the key and its balance in the account at the upstream. A new key takes effect at the next start.',
      zh: '请在上游账户中检查密钥与余额。新密钥在下次启动时生效。',
    },
  },
  turned_away: {
    meaning: {
      en: 'Something turned the order away, possibly not the upstream itself: a firewall, a proxy, or a wrong address. Nothing was ordered.',
      zh: '订单被拦下,可能不是上游所为:防火墙、代理或地址错误。没有下单。',
    },
    advice: {
      en: 'Check base_url and whether this address is admitted. A prompt that a firewall dislikes fails alone after a few tries.',
      zh: '请检查 base_url,以及本机地址是否被允许访问。若仅是某条提示词触发防火墙,该任务重试几次后会单独失败。',
    },
  },
  unclear: {
    meaning: {
      en: 'The answer says neither that the order was taken nor that it was refused. It is not sent again, because it may be paid work.',
      zh: '回应既未说明已接收,也未说明已拒绝。由于可能已计费,不会重发。',
    },
    advice: {
      en: 'Look at the task and at Reconcile. If every order is answered so, check base_url.',
      zh: '请查看该任务与对账页。若所有订单都如此,请检查 base_url。',
    },
  },
}
