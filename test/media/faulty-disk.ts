// A disk that fails as a test says, in what keeping a file asks of it; all else is Node's own.
import { vi } from 'vitest'
import { volumeCalls } from '../../src/media/volume/calls.ts'

type Call = 'open' | 'rename' | 'write' | 'sync' | 'copyFile'

/** By the call that fails: how, for a path; undefined lets it be done. What `hangs` goes on when the disk is mended. */
export type Faults = Partial<Record<Call, (path: string, from?: string) => string | undefined>>

let hanging: (() => void)[] = []

/** Undone by `mendDisk`. */
export function breakDisk(faults: Faults): void {
  const real = { ...volumeCalls }
  const fails = async (call: Call, path: string, from?: string): Promise<void> => {
    const code = faults[call]?.(path, from)
    if (code === undefined) return
    if (code === 'hangs') return await new Promise((resolve) => void hanging.push(resolve))
    throw Object.assign(new Error(`${code}: injected`), { code, syscall: syscalls[call] ?? call, path })
  }
  vi.spyOn(volumeCalls, 'open').mockImplementation(async (path, flags, mode) => {
    await fails('open', String(path))
    const file = await real.open(path, flags, mode)
    const [writeFile, sync] = [file.writeFile.bind(file), file.sync.bind(file)]
    file.writeFile = async (bytes) => {
      await fails('write', String(path))
      await writeFile(bytes)
    }
    file.sync = async () => {
      await fails('sync', String(path))
      await sync()
    }
    return file
  })
  vi.spyOn(volumeCalls, 'rename').mockImplementation(async (from, to) => {
    await fails('rename', String(to), String(from))
    await real.rename(from, to)
  })
  vi.spyOn(volumeCalls, 'copyFile').mockImplementation(async (from, to) => {
    await fails('copyFile', String(to))
    await real.copyFile(from, to)
  })
}

const syscalls: Partial<Record<Call, string>> = { sync: 'fsync', copyFile: 'copyfile' }

export function mendDisk(): void {
  vi.restoreAllMocks()
  for (const goOn of hanging) goOn()
  hanging = []
}
