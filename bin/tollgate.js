#!/usr/bin/env -S node --max-semi-space-size=16 --max-old-space-size=1024
// The `tollgate` command on whatever node there is: an older one hands over to the version that came with the checkout.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

const majorMin = 24
const source = new URL('../src/main.ts', import.meta.url)
// A build has no sources, but the bundle that was made of them.
const main = existsSync(source) ? source : new URL('../program/main.js', import.meta.url)
const ownNode = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url))

if (Number(process.versions.node.split('.')[0]) >= majorMin) {
  await import(main.href)
} else if (existsSync(ownNode)) {
  handOver()
} else {
  process.stderr.write(
    `tollgate needs Node.js ${majorMin} or newer, and this is ${process.versions.node}. ` +
      'Install a newer one, or run `npm ci` in the checkout, which brings its own.\n',
  )
  process.exitCode = 1
}

function handOver() {
  const child = spawn(ownNode, [...process.execArgv, fileURLToPath(main), ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  // A supervisor knows this process alone; the child has to hear what it is told.
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  // A terminal tells both, and a second SIGINT would mean “at once”.
  process.on('SIGINT', () => {})
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal ?? 'SIGTERM']))
}
