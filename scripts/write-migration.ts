// Writes a migration from the tables, with what drizzle-kit leaves out. `npm run migration -- --name what_changes`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { madeStrict, triggersInForce, withTriggers } from './migration-text.ts'

const folder = fileURLToPath(new URL('../migrations/sqlite', import.meta.url))
const sqlFiles = (): string[] => readdirSync(folder).filter((name) => name.endsWith('.sql'))

const before = new Set(sqlFiles())
const triggers = triggersInForce()
const child = spawn('drizzle-kit', ['generate', ...process.argv.slice(2)], { stdio: 'inherit' })
const [code] = (await once(child, 'exit')) as [number | null]
process.exitCode = code ?? 1
for (const name of sqlFiles().filter((each) => !before.has(each))) {
  const path = join(folder, name)
  writeFileSync(path, withTriggers(madeStrict(readFileSync(path, 'utf8')), triggers))
}
