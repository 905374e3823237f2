// Answers to submits, and one submit of an order with the keys of an upstream.
import type { SubmitOutcome } from '../../src/upstream/adapter.ts'
import type { KeyRing } from '../../src/upstream/keys/keyring.ts'
import type { Settled } from '../../src/upstream/keys/settled.ts'

export const accepted: SubmitOutcome = { kind: 'accepted', taskIds: ['i2is-1'] }

export const trouble = (status = 403): SubmitOutcome => ({
  kind: 'order_trouble',
  status,
  detail: `HTTP ${status}: <html>`,
})

/** One submit of an order, named `account/order`; null where nothing may begin. */
export function post(ring: KeyRing, order: string, outcome: SubmitOutcome, nowMs = 0): Settled | null {
  const [lease] = ring.take(1, nowMs)
  const [accountId = '', requestId = ''] = order.split('/')
  return lease
    ? ring.settle(lease, {
        outcome,
        order: { accountId, modelId: 'm', requestId: `${accountId}/${requestId}` },
        nowMs,
      })
    : null
}

export const stateOf = (ring: KeyRing, nowMs = 0) => ring.report(nowMs).map(({ state }) => state)
