// strace as the hand that injects: it runs the gateway and makes chosen calls of it fail, or kills it at one.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * One injection, in strace's words: `fsync,fdatasync:signal=SIGKILL:when=7` kills it instead of letting it make
 * its seventh call; `pwrite64:error=ENOSPC:when=40..60` lets twenty fail. Calls are counted for each thread.
 */
export type Injection = `${string}:${'signal' | 'error'}=${string}:when=${number}${'' | '+' | `..${number}`}`

/**
 * The command line that starts a program under the injection, on one `path` alone where it is given.
 * What was called goes to the file.
 */
export function injecting(injection: Injection, logFile: string, path?: string): string[] {
  const [calls = ''] = injection.split(':')
  // The filter spares all other calls their stops; with it strace injects errors, but forgets signals.
  const filter = injection.includes(':error=') ? ['--seccomp-bpf'] : []
  const only = path === undefined ? [] : ['-P', path]
  const what = ['-e', `trace=${calls}`, '-e', `inject=${injection}`]
  return ['strace', '-f', ...filter, '-qq', '-o', logFile, ...only, ...what]
}

/** The calls that were made to fail, as strace tells them. */
export function injected(logFile: string): string[] {
  return readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => line.includes('(INJECTED)'))
}

/** Why nothing can be injected on this machine; null where it can. */
export function whyNoStrace(): string | null {
  const trial = injecting('fsync:error=EIO:when=1', '/dev/null')
  const { status, error, stderr } = spawnSync(trial[0] ?? '', [...trial.slice(1), 'true'], {
    encoding: 'utf8',
  })
  if (error) return `strace cannot be started: ${error.message}`
  return status === 0 ? null : `strace cannot trace here: ${stderr.trim()}`
}
