// A disk that fails as a test says, in everything that keeping a file does with it; all else is Node's own.
import { vi } from 'vitest'

/** Of the call that fails; what hangs goes on when the disk is mended. */
type Call = 'open' | 'rename' | 'write' | 'sync' | 'copyFile'

/** By the call that fails: how, for a path; undefined lets it be done. `'hangs'` never answers. */
export type Faults = Partial<Record<Call, (path: string, from?: string) => string | undefined>>

const present = vi.hoisted(() => ({ faults: {} as Record<string, any>, hanging: [] as (() => void)[] }))

/** Undone by `mendDisk`. */
export function breakDisk(faults: Faults): void {
  present.faults = faults
}

export function mendDisk(): void {
  present.faults = {}
  for (const goOn of present.hanging.splice(0)) goOn()
}

vi.mock('node:fs/promises', async (original) => {
  const real: any = await original()
  const syscalls: Record<string, string> = { sync: 'fsync', copyFile: 'copyfile' }
  const fails = async (call: Call, path: string, from?: string): Promise<void> => {
    const code = present.faults[call]?.(path, from)
    if (code === undefined) return
    if (code === 'hangs') return await new Promise((resolve) => present.hanging.push(resolve))
    throw Object.assign(new Error(`${code}: injected`), { code, syscall: syscalls[call] ?? call, path })
  }
  return {
    ...real,
    async open(path: string, flags: string, mode: number) {
      await fails('open', path)
      const file = await real.open(path, flags, mode)
      const [writeFile, sync] = [file.writeFile.bind(file), file.sync.bind(file)]
      file.writeFile = async (bytes: Uint8Array) => {
        await fails('write', path)
        await writeFile(bytes)
      }
      file.sync = async () => {
        await fails('sync', path)
        await sync()
      }
      return file
    },
    async rename(from: string, to: string) {
      await fails('rename', to, from)
      await real.rename(from, to)
    },
    async copyFile(from: string, to: string) {
      await fails('copyFile', to)
      await real.copyFile(from, to)
    },
  }
})
