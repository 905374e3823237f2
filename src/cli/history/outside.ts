// The servers of the customers of a history: they take webhooks, or do not, and nothing leaves this machine.
import type { Guard } from '../../net/guard.ts'
import type { Part } from './drawn/cast.ts'
import type { Chance } from './drawn/chance.ts'

/** Names below `.example` lead nowhere, so nothing is ever sent to anybody. */
export const webhookUrlOf = ({ name }: Pick<Part, 'name'>): string => `https://${hostOf(name)}/webhooks/tasks`

const hostOf = (name: string): string => `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.example`

const taken = 204
const broken = 503
const brokenShare = { well: 0.004, 'now and then': 0.18 } as const

/** Files of the sandbox are fetched as ever; what goes to customers is answered here. */
export function guardWith(guard: Guard, cast: readonly Part[], chance: Chance): Guard {
  const hosts = new Map(
    cast.flatMap(({ name, webhook }) => (webhook ? [[hostOf(name), webhook] as const] : [])),
  )
  return {
    checkUrl: (url, origins) => guard.checkUrl(url, origins),
    async fetch(url, options) {
      const answers = hosts.get(new URL(url).hostname)
      if (!answers) return await guard.fetch(url, options)
      const status = chance.isTrue(brokenShare[answers]) ? broken : taken
      const nothing = () => undefined
      return { status, headers: {}, url, body: noBytes(), close: nothing, finish: nothing }
    },
    close: () => guard.close(),
  }
}

async function* noBytes(): AsyncGenerator<Buffer> {
  // An answer without a body.
}
