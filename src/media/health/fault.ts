// Describes failures of the result store without any path, host or key: the texts are public.
import { codeOf } from '../../net/error.ts'
import { RootDisplaced } from '../volume/root.ts'
import { VolumeStalled } from '../volume/turns.ts'

/** The store answered with an unexpected status. */
export class StoreRefusal extends Error {
  readonly status: number

  constructor(verb: string, status: number) {
    // Not the rest of its answer, which may contain the key's id.
    super(`the S3 store would not ${verb} a file: it answered ${status}`)
    this.status = status
  }
}

/** A file could not be stored; `cause` is the error of the disk or the connection. */
export class StoreFault extends Error {}

/** A probe took too long. */
export class StoreSilent extends Error {}

/** The breaker is open: nothing is put until the store works again. */
export class StoreDown extends Error {}

const silence = 'the store did not answer in time'
const displaced =
  'the folder of kept results was moved away or replaced since the gateway started: put the same one back, or restart the gateway'
const noAnswer = 'nothing takes connections at the endpoint of the store'
const unknownHost = 'the host of the endpoint is not found'

const words: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full, or has no inodes left',
  EDQUOT: 'the quota of the disk is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'the gateway may not write to the folder',
  EPERM: 'the gateway may not write to the folder',
  EIO: 'the disk reports an input/output error',
  ENOENT: 'the folder is not there',
  ENOTDIR: 'something that is no folder is in the place of the folder',
  EEXIST: 'something that is no folder is in the place of the folder',
  ESTALE: 'the network volume is not there any more',
  ENODEV: 'the volume is not there any more',
  ENXIO: 'the volume is not there any more',
  EMFILE: 'the process has no file descriptor left',
  ENFILE: 'the system has no file descriptor left',
  ECONNREFUSED: noAnswer,
  EHOSTUNREACH: noAnswer,
  ENETUNREACH: noAnswer,
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
  ECONNRESET: 'the store broke the connection off',
  EPIPE: 'the store broke the connection off',
  UND_ERR_SOCKET: 'the store broke the connection off',
  ETIMEDOUT: silence,
  UND_ERR_CONNECT_TIMEOUT: silence,
  UND_ERR_HEADERS_TIMEOUT: silence,
  UND_ERR_BODY_TIMEOUT: silence,
  TimeoutError: silence,
  AbortError: silence,
}

const refusals: Readonly<Record<number, string>> = {
  301: 'the bucket is in another region, or the endpoint is a wrong one',
  307: 'the bucket is in another region, or the endpoint is a wrong one',
  400: 'it does not understand the request; look at endpoint and region',
  401: 'the key or its secret is wrong, or may not do this',
  403: 'the key or its secret is wrong, or may not do this',
  404: 'there is no such bucket',
  429: 'it is overloaded',
  503: 'it is overloaded or down',
  507: 'it is full',
}

const serverErrorMin = 500

/** For `/readyz`, the log and `doctor`. */
export function wordsOfFault(error: unknown): string {
  if (error instanceof StoreFault) return wordsOfFault(error.cause)
  if (error instanceof RootDisplaced) return displaced
  if (error instanceof StoreSilent || error instanceof VolumeStalled) return silence
  if (error instanceof StoreRefusal) {
    const meaning =
      refusals[error.status] ?? (error.status >= serverErrorMin ? 'it has failed' : 'which is not expected')
    return `the store answered ${error.status}: ${meaning}`
  }
  if (error instanceof ProbeMismatch) return error.message
  const code = codeOf(rootOf(error))
  return words[code] ?? `the store cannot be used (${code})`
}

/** The file that was put comes back different, or not at all. */
export class ProbeMismatch extends Error {}

/** Connecting to several addresses fails with one AggregateError. */
function rootOf(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return rootOf(error.errors[0])
  return error
}

const diskCalls = ['mkdir', 'stat', 'open', 'write', 'fsync', 'close', 'rename', 'copyfile', 'unlink', 'rm']

/** Errors of the disk, not of the source: those occur when it is read. */
export const isOfTheDisk = (error: unknown): error is Error =>
  error instanceof VolumeStalled ||
  error instanceof RootDisplaced ||
  (error instanceof Error && 'syscall' in error && diskCalls.includes(String(error.syscall)))
