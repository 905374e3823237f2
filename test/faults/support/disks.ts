// Disks of the test's own: small ones that can be filled, and ones whose power can fail.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

const mounted = new Set<string>()
const images = new Set<string>()

/** To be called in every file that mounts, and before what ends its processes: the last to be called begins. */
export function unmountAfterwards(): void {
  afterAll(() => {
    for (const folder of mounted) unmount(folder)
    for (const folder of images) rmSync(folder, { recursive: true })
  })
}

/** Why nothing can be mounted on this machine; null where it can. */
export function whyNoMount(kind: 'tmpfs' | 'loop'): string | null {
  if (process.getuid?.() !== 0) return 'only root can mount'
  try {
    if (kind === 'tmpfs') unmount(mountTmpfs('1m'))
    else unmount(mountImage(makeImage()))
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

export function mountTmpfs(size: string): string {
  return mount(['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs'])
}

const imageBytes = '32M'

/** A file that holds an empty ext4. */
export function makeImage(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-image-'))
  images.add(folder)
  const image = join(folder, 'disk.img')
  run('truncate', ['-s', imageBytes, image])
  run('mkfs.ext4', ['-q', '-F', image])
  return image
}

export function mountImage(image: string): string {
  return mount(['-t', 'ext4', '-o', 'loop', image])
}

export function unmount(folder: string): void {
  run('umount', [folder])
  mounted.delete(folder)
  rmSync(folder, { recursive: true })
}

function mount(args: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-disk-'))
  run('mount', [...args, folder])
  mounted.add(folder)
  return folder
}

function run(command: string, args: readonly string[]): void {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (error) throw new Error(`${command} cannot be started: ${error.message}`)
  if (status !== 0) throw new Error(`${command} failed: ${stderr.trim()}`)
}

/** Takes all the room that a disk has left but so many bytes; the file that takes it is to be removed later. */
export function fill(folder: string, leaveBytes: number): string {
  const filler = join(folder, 'filler')
  const { bavail, bsize } = statfsSync(folder)
  mkdirSync(folder, { recursive: true })
  writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - leaveBytes)))
  return filler
}
