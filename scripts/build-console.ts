// Builds the console into `console/built/`, which is committed: `npm run build:console`. With --check it only compares.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = fileURLToPath(new URL('../console', import.meta.url))
const built = join(root, 'built')
const isCheck = process.argv.includes('--check')

const outDir = isCheck ? mkdtempSync(join(tmpdir(), 'tollgate-console-')) : built
try {
  await build({
    configFile: join(root, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true },
  })
  if (isCheck) {
    const stale = differences(outDir, built)
    if (stale.length > 0) {
      process.stderr.write(
        `console/built/ is not what its sources make (${stale.join(', ')}). Run npm run build:console and commit it.\n`,
      )
      process.exitCode = 1
    }
  }
} finally {
  if (isCheck) rmSync(outDir, { recursive: true, force: true })
}

function differences(made: string, there: string): string[] {
  const names = new Set([...filesIn(made), ...filesIn(there)])
  return [...names].filter((name) => textOf(join(made, name)) !== textOf(join(there, name)))
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}

function textOf(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8') : null
}
