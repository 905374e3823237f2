// The checks of the source, beside each other: none of them keeps both cores busy all the time. `npm run check`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** The longest first. */
const checks = ['lint', 'types', 'console:check', 'dead', 'format:check']

// Two of them need it; once is enough.
await once(spawn('npm', ['run', '-s', 'console:types'], { stdio: 'inherit' }), 'close')

const ended = await Promise.all(
  checks.map(async (name) => {
    const begun = performance.now()
    const child = spawn('npm', ['run', '-s', '--ignore-scripts', name], { stdio: ['ignore', 'pipe', 'pipe'] })
    const exit = new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => resolve(code ?? 1))
    })
    const [code, out, err] = await Promise.all([exit, text(child.stdout), text(child.stderr)])
    const seconds = ((performance.now() - begun) / 1000).toFixed(1)
    console.log(`${code === 0 ? 'ok' : 'FAILED'}  npm run ${name} (${seconds} s)`)
    // What one of them found is shown whole, and not between the lines of another.
    if (code !== 0) process.stdout.write(`${out}${err}`)
    return code
  }),
)
process.exitCode = ended.every((code) => code === 0) ? 0 : 1
