// Where the stores and files of tests lie: in memory, where the machine has a folder for that with room enough.
import { chmodSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serverFolder, serverRun, stopServer } from './stores/postgres-run.ts'

const memory = '/dev/shm'
const prefix = 'tollgate-tests-'
/** Several times what a run holds at once; containers often give 64 MiB, on which it would fail. */
const roomMinBytes = 2 * 1024 ** 3

/**
 * A commit waits for the disk, and four processes wait for the same one: that was a quarter of what a run took.
 * The stores are as real, with the same `synchronous`; what a disk loses is for the faults and for test:long.
 */
export function setup(): () => Promise<void> {
  const isInMemory = process.env['TMPDIR'] === undefined && roomBytes() >= roomMinBytes
  if (isInMemory) removeThoseOfTheDead()
  const folder = mkdtempSync(join(isInMemory ? memory : tmpdir(), `${prefix}${process.pid}-`))
  // A user who is not root starts the server there.
  chmodSync(folder, 0o711)
  if (isInMemory) process.env['TMPDIR'] = folder
  process.env[serverFolder] = join(folder, 'postgres')
  process.env[serverRun] = String(process.pid)
  return async () => {
    for (const name of [serverFolder, serverRun, ...(isInMemory ? ['TMPDIR'] : [])]) delete process.env[name]
    await stopServer(join(folder, 'postgres'))
    rmSync(folder, { recursive: true, force: true })
  }
}

function roomBytes(): number {
  try {
    const { bavail, bsize } = statfsSync(memory)
    return bavail * bsize
  } catch {
    return 0
  }
}

/** A run that was killed could not remove its own, and it is memory that they hold. */
function removeThoseOfTheDead(): void {
  for (const name of readdirSync(memory)) {
    const pid = Number(/^tollgate-tests-(\d+)-/.exec(name)?.[1])
    if (pid > 0 && !isAlive(pid)) rmSync(join(memory, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
