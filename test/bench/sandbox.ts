// The sandbox Keevx as a process of its own, for the soak.
import { startSandbox } from '../../sandbox/sandbox.ts'

/** As long as a picture takes, so that a hundred thousand can be in flight at once. */
const imageMs = 60_000

const sandbox = await startSandbox({ imageMs })
process.stdout.write(`${sandbox.baseUrl}\n`)
