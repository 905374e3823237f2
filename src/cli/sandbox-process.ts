// The process of the sandbox behind test keys: what it draws and holds is not the time and memory of real keys.
import { writeFileSync } from 'node:fs'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { SandboxOptions } from '../../sandbox/sandbox.ts'

// It ends with the gateway, and not before: a terminal and a supervisor tell both at once.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.once('disconnect', () => process.exit())

// Where memory runs out, Linux ends this process, not the gateway.
try {
  writeFileSync('/proc/self/oom_score_adj', '1000')
} catch {
  // Elsewhere there is no such file.
}

const [, , options = '{}'] = process.argv
const sandbox = await startSandbox(JSON.parse(options) as SandboxOptions)
process.send?.(sandbox.baseUrl)
