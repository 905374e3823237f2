// Starts the sandbox behind test keys in a process of its own, and again if it ends by itself.
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { SandboxOptions } from '../../sandbox/sandbox.ts'
import type { StartTestUpstream } from '../app/test-keys/gateway.ts'
import { loopbackOrigin, sandboxed, sandboxKey } from './with-sandbox.ts'
import { ownFiles } from '../own-files.ts'

const program = fileURLToPath(ownFiles.sandboxProcess)
/** It shares the machine with real orders. */
const execArgv = ['--max-old-space-size=96', '--max-semi-space-size=4']
const againAfterMs = 1_000

/** Drawing takes up to a tenth of a second of a core, and uploads take memory: real keys are to notice neither. */
export const startTestUpstream: StartTestUpstream = async (config, log) => {
  let isClosing = false
  let child: ChildProcess
  const start = async (port: number): Promise<string> => {
    const options: SandboxOptions = { apiKey: sandboxKey, drills: true, lean: true, port }
    child = fork(program, [JSON.stringify(options)], { execArgv })
    return await begun(child)
  }
  const baseUrl = await start(0)
  const port = Number(new URL(baseUrl).port)
  // Its tasks are gone with it: they are found to be lost, and their play credits come back.
  const restartAtEnd = () => {
    child.once('exit', (code, signal) => {
      if (isClosing) return
      log.error({ code, signal }, 'the sandbox behind test keys ended; it is started again')
      setTimeout(restart, againAfterMs).unref()
    })
    // Neither it nor what it says keeps a process from ending.
    child.unref()
    child.channel?.unref()
  }
  const restart = () => {
    if (isClosing) return
    start(port).then(restartAtEnd, (error: unknown) => {
      log.error({ err: error }, 'the sandbox behind test keys does not start')
      setTimeout(restart, againAfterMs).unref()
    })
  }
  restartAtEnd()
  return {
    config: { ...sandboxed(config, baseUrl), callbackOrigin: loopbackOrigin(config) },
    async close() {
      isClosing = true
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.ref()
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Its base URL. Throws if it ends before it has one. */
async function begun(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const end = (code: number | null) => reject(new Error(`the sandbox ended with ${code ?? 'a signal'}`))
  child.once('message', (baseUrl: string) => resolve(baseUrl))
  child.once('error', reject)
  child.once('exit', end)
  try {
    return await promise
  } finally {
    child.off('exit', end)
  }
}
