// The `tollgate` command.
import { runProgram } from './cli/program.ts'

// The store holds what customers asked for: its files are for the operator alone.
process.umask(0o077)
process.exitCode = await runProgram(process.argv.slice(2))
