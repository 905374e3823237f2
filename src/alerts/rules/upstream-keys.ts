// Rules about keys of upstreams: one that is refused, and an upstream all of whose keys rest.
import { configuredUpstreams } from '../../context.ts'
import type { Context } from '../../context.ts'
import type { Rule } from './rule.ts'

/** An upstream refused a key: nothing is ordered with it until it is replaced, or tried again. */
export const keyRefused = ({ upstreams }: Context): Rule => ({
  name: 'key_refused',
  scope: 'process',
  afterMs: 0,
  async find(nowMs) {
    return configuredUpstreams(upstreams).flatMap(({ name, keys }) =>
      keys
        .report(nowMs)
        .filter(({ state }) => state === 'rejected')
        .map(({ fingerprint, detail }) => ({
          subject: `${name} ${fingerprint}`,
          facts: { upstream: name, key: fingerprint, detail },
        })),
    )
  },
})

/** No key of an upstream may be used now, whatever the reasons: orders wait. */
export const keysResting = ({ upstreams }: Context, { afterMs }: { readonly afterMs: number }): Rule => ({
  name: 'keys_resting',
  scope: 'process',
  afterMs,
  async find(nowMs) {
    return configuredUpstreams(upstreams).flatMap(({ name, keys }) => {
      const reports = keys.report(nowMs)
      if (reports.length === 0 || reports.some(({ state }) => state === 'ready')) return []
      const states = [...new Set(reports.map(({ state }) => state))].toSorted()
      return [{ subject: name, facts: { upstream: name, keys: reports.length, states: states.join(', ') } }]
    })
  },
})
