// What is lost of acknowledged commits if the server's machine is: what its settings and its standbys say.
import type { Durability } from '../../dialect.ts'
import type { Place } from '../migrate.ts'
import { briefly, withLink } from '../place.ts'
import { openingRefused } from '../refused.ts'

/** As the server shows it to a session of the gateway. */
export interface Replication {
  readonly fsync: string
  readonly waitsFor: string
  readonly standbyNames: string
  /** `sync`, `quorum`, `potential` or `async`, for each that is connected; null where the user may not see it. */
  readonly standbys: readonly (string | null)[]
}

export async function durability(place: Place): Promise<Durability> {
  try {
    return judge(
      await withLink(place, briefly, async (link) => {
        const [settings] = await link.ask<Omit<Replication, 'standbys'>>(
          `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS "waitsFor",
            trim(current_setting('synchronous_standby_names')) AS "standbyNames"`,
        )
        // A copy that is being made is no standby.
        const standbys = await link.ask<{ state: string | null }>(
          "SELECT sync_state AS state FROM pg_stat_replication WHERE application_name IS DISTINCT FROM 'pg_basebackup'",
        )
        if (!settings) throw new Error('the server shows none of its settings')
        return { ...settings, standbys: standbys.map(({ state }) => state) }
      }),
    )
  } catch (error) {
    throw openingRefused(place.name, error)
  }
}

const synchronous = new Set(['sync', 'quorum'])

export function judge({ fsync, waitsFor, standbyNames, standbys }: Replication): Durability {
  const risks = fsync === 'on' ? [] : [unsynced]
  const count = counted(standbys.length)
  const isWaitedFor = standbyNames !== '' && waitsFor !== 'local'
  if (!isWaitedFor) {
    if (standbys.length === 0) return { kept: 'on the disk of the server; it has no standby', risks }
    const why = standbyNames === '' ? 'synchronous_standby_names is empty' : 'synchronous_commit is local'
    return { kept: 'on the disk of the server', risks: [...risks, asynchronous(count, why)] }
  }
  const waited = standbys.filter((state) => state !== null && synchronous.has(state)).length
  const isHidden = standbys.includes(null)
  if (isHidden) return { kept: `${onDisk}; ${count}, and the user may not see which is waited for`, risks }
  if (waited === 0) return { kept: onDisk, risks: [...risks, unconfirmed] }
  return { kept: `${onDisk}; waited for: ${waited} of ${count}`, risks }
}

const counted = (count: number): string => `${count} ${count === 1 ? 'standby' : 'standbys'} connected`

const onDisk = 'on the disks of the server and of a synchronous standby'

const unsynced = 'fsync is off: if the machine of the server crashes, all orders may be lost; switch it on'

const asynchronous = (count: string, why: string): string =>
  `${count}, and commits wait for none (${why}): if one takes over, the orders that were acknowledged last are ` +
  "lost with the primary. If one may take over: ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (*)', reload"

const unconfirmed =
  'synchronous_standby_names asks for a standby, and none that it names is connected: each commit waits in vain, and ' +
  'clients are told that the outcome of their order is unknown'
