// The sandbox Keevx as a process of its own, for the soak.
import { startSandbox } from '../../src/sandbox/sandbox.ts'

const imageMs = 1_000

const sandbox = await startSandbox({ imageMs })
process.stdout.write(`${sandbox.baseUrl}\n`)
