// The thread of the sandbox behind test keys: what it draws must not hold up the requests of real keys.
import { parentPort, workerData } from 'node:worker_threads'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { SandboxOptions } from '../../sandbox/sandbox.ts'

// Plain values: functions cannot be passed to a thread.
const sandbox = await startSandbox(workerData as SandboxOptions)
parentPort?.postMessage(sandbox.baseUrl)
