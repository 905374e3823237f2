// The `tollgate` command.
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// The store contains customers' requests: its files are only for the operator.
process.umask(0o077)
// Node's default is in a folder for temporary files, where other users could place code that we would run.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/tollgate', import.meta.url)))
// Loaded after that, so that it is compiled once and not at every start.
const { runProgram } = await import('./cli/program.ts')
process.exitCode = await runProgram(process.argv.slice(2))
