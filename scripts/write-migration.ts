// Writes a migration from the tables for each dialect, with what drizzle-kit leaves out. `npm run migration -- --name what_changes`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inBytesOrder, madeStrict, triggersInForce, withTriggers } from './migration-text.ts'

const triggers = triggersInForce()

const dialects = [
  {
    folder: 'sqlite',
    config: 'drizzle.config.ts',
    finished: (sql: string) => withTriggers(madeStrict(sql), triggers),
  },
  { folder: 'postgres', config: 'drizzle.postgres.config.ts', finished: inBytesOrder },
]

for (const { folder: name, config, finished } of dialects) {
  const folder = fileURLToPath(new URL(`../migrations/${name}`, import.meta.url))
  const sqlFiles = (): string[] => readdirSync(folder).filter((each) => each.endsWith('.sql'))
  const before = new Set(sqlFiles())
  const child = spawn('drizzle-kit', ['generate', '--config', config, ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) process.exitCode = code ?? 1
  for (const each of sqlFiles().filter((file) => !before.has(file))) {
    const path = join(folder, each)
    writeFileSync(path, finished(readFileSync(path, 'utf8')))
  }
}
process.stdout.write(
  'A guard that is new or changed is written by hand, in both folders and by the same name.\n',
)
