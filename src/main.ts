// The `tollgate` command.
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { ownFiles } from './own-files.ts'

// The store contains customers' requests: its files are only for the operator.
process.umask(0o077)
enableCompileCache(fileURLToPath(ownFiles.compileCache))
// Loaded after that, so that it is compiled once and not at every start.
const { runProgram } = await import('./cli/program.ts')
process.exitCode = await runProgram(process.argv.slice(2))
