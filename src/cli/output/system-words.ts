// Turns the system's file errors into one line that says what to check.
import { lstatSync } from 'node:fs'

const meanings: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  EISDIR: 'it is a folder',
  ENOTEMPTY: 'it is a folder with something in it',
  ELOOP: 'its links lead round in a circle',
  ENAMETOOLONG: 'its name is too long',
  EACCES: 'this user may not read or write there',
  EPERM: 'this user may not read or write there',
  EROFS: 'its file system is read-only',
  ENOSPC: 'the disk is full, or has no inodes left',
  EDQUOT: 'the quota of the disk is used up',
  EIO: 'the disk reports an input/output error',
  ESTALE: 'the network volume is not there any more',
  EMFILE: 'the process has no file descriptor left (ulimit -n)',
  ENFILE: 'the system has no file descriptor left',
}

/** Null if it is not a system error. */
export function systemWords(error: Error): string | null {
  if (!isOfSystem(error)) return null
  const { code, syscall, path } = error
  if (path === undefined) return `The system refused: ${error.message}.`
  const meaning = standingThere(code, path) ?? meanings[code] ?? 'the system refused'
  return `${path} cannot be used: ${meaning} (${code}, ${syscall}). Nothing more was done; mend it and run the command again.`
}

interface SystemError extends Error {
  readonly code: string
  readonly syscall: string
  readonly path?: string
}

function isOfSystem(error: Error): error is SystemError {
  return 'errno' in error && 'syscall' in error && 'code' in error && typeof error.code === 'string'
}

/** What is in the place of an expected folder; null if that is not the problem. */
function standingThere(code: string, path: string): string | null {
  if (!['EEXIST', 'ENOTDIR', 'ENOENT'].includes(code)) return null
  const found = lookAt(path)
  if (found?.isSymbolicLink()) return 'it is a link that leads nowhere, or to something else than a folder'
  if (code === 'ENOENT') return null
  return found && !found.isDirectory()
    ? 'a file is there, where there has to be a folder'
    : 'something on the way to it is a file, where there has to be a folder'
}

function lookAt(path: string): ReturnType<typeof lstatSync> | null {
  try {
    return lstatSync(path)
  } catch {
    return null
  }
}
