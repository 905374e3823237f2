// Where a machine has PostgreSQL's server, and as which user it may run: it refuses root.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** As Debian lays them out. */
const versions = '/usr/lib/postgresql'

/** The folder of `postgres` and `initdb`: that of POSTGRES_BIN, or else the newest; null if there is none. */
export function binariesOf(): string | null {
  const given = process.env['POSTGRES_BIN'] ?? ''
  if (given !== '') return given
  const folders = existsSync(versions)
    ? readdirSync(versions)
        .toSorted((one, other) => Number(other) - Number(one))
        .map((version) => join(versions, version, 'bin'))
    : []
  const onPath = (process.env['PATH'] ?? '').split(':')
  return [...folders, ...onPath].find((folder) => holdsServer(folder)) ?? null
}

const holdsServer = (folder: string): boolean =>
  ['postgres', 'initdb'].every((name) => existsSync(join(folder, name)))

/** Null: as whoever runs the tests. */
export function unprivileged(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
}
