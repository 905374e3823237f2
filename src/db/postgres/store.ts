// A store in a PostgreSQL database, whole. Everything that needs the driver is loaded with the first question.
import type { KeptLook, Store } from '../dialect.ts'
import type { Place } from './migrate.ts'
import { openingRefused, ownTools, served } from './refused.ts'

export function postgresStore(databaseUrl: string): Store {
  const place: Place = { url: databaseUrl, name: nameOf(databaseUrl) }
  const { name } = place
  /** As it was when it was last asked for: `served` cannot wait for an answer. */
  let holder = ''
  const asked = async <Result>(question: Promise<Result>): Promise<Result> =>
    await question.catch((error: unknown) => {
      throw openingRefused(name, error)
    })
  return {
    name,
    isShared: true,
    diskFolder: () => null,
    exists: async () => await (await import('./place.ts')).exists(place),
    async make() {
      const { exists, prepare, requireOwnBackends } = await import('./place.ts')
      if (await exists(place)) {
        // Before the lock of the gateway is taken, which would be left behind on somebody else's connection.
        await asked(requireOwnBackends(place))
        return false
      }
      await prepare(place)
      return true
    },
    remains: async () => [],
    open: async (options) => await (await import('./postgres.ts')).openPostgres(place, options),
    async own(onLost = () => undefined) {
      const { own } = await import('./ownership.ts')
      return await asked(own(place, onLost))
    },
    async serve(instance, onLost = () => undefined) {
      const { serve } = await import('./ownership.ts')
      return await asked(serve(place, instance, onLost))
    },
    async isServed() {
      const { holderOf } = await import('./ownership.ts')
      const found = await asked(holderOf(place))
      holder = found ?? ''
      return found !== null
    },
    served: (cause) => served(name, holder, cause),
    examine: async () => await (await import('./checks/examine.ts')).examine(place),
    durability: async () => await (await import('./checks/durability.ts')).durability(place),
    lookAt: ({ anyVersion = false } = {}) => ({
      snapshot: async (work) => {
        const { lookAt } = await import('./look.ts')
        return await lookAt(place, { anyVersion })(work)
      },
    }),
    keepLookingAt: () => keptLook(place),
    backUp: async () => {
      throw ownTools('Copying', name)
    },
    restore: async () => {
      throw ownTools('Restoring', name)
    },
    mark: async () => await (await import('./place.ts')).markOf(place),
    moveFrom: async () => await asked((await import('../move/postgres.ts')).postgresSource(place.url)),
    moveInto: async () => await asked((await import('../move/postgres.ts')).postgresTarget(place.url)),
    async remove() {
      const { removeAll } = await import('./place.ts')
      await asked(removeAll(place))
    },
  }
}

function keptLook(place: Place): KeptLook {
  let kept: Promise<KeptLook> | null = null
  return {
    async snapshot(work) {
      kept ??= import('./look.ts').then(({ keepLookingAt }) => keepLookingAt(place))
      return await (await kept).snapshot(work)
    },
    close: () => void kept?.then((look) => look.close()),
  }
}

/** Host, port and database, without the user and the password. */
function nameOf(databaseUrl: string): string {
  const { host, pathname, searchParams } = new URL(databaseUrl)
  return `${host === '' ? (searchParams.get('host') ?? '') : host}${decodeURIComponent(pathname)}`
}
