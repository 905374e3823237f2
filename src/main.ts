// The `tollgate` command.
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// The store holds what customers asked for: its files are for the operator alone.
process.umask(0o077)
// Node's own folder for this is one for temporary files, where others on the machine could put code that we would run.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/tollgate', import.meta.url)))
// Loaded after that, so that it is compiled once and not at every start.
const { runProgram } = await import('./cli/program.ts')
process.exitCode = await runProgram(process.argv.slice(2))
