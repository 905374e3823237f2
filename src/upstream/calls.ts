// The calls of an adapter: one connection for each submit, kept connections for everything else.
import type { CallOptions } from './adapter.ts'
import { createClient } from './client.ts'
import type { Call, CallResult, Client } from './call.ts'

export interface CallSettings {
  /** Including the version. */
  readonly baseUrl: string
  readonly submitTimeoutMs: number
  readonly queryTimeoutMs?: number
  readonly uploadTimeoutMs?: number
  /** Receives the result of each call with a key. */
  readonly onCall?: (key: string, result: CallResult) => void
}

/** What a call has besides its address, its key and its timeout. */
export type CallParts = Partial<Pick<Call, 'method' | 'headers' | 'body'>>

export interface Calls {
  /** POST, on a connection of its own. */
  submit(path: string, options: CallOptions, parts: CallParts): Promise<CallResult>
  /** GET. */
  query(path: string, options: CallOptions): Promise<CallResult>
  /** POST of a file. */
  upload(path: string, options: CallOptions, parts: CallParts): Promise<CallResult>
  close(): Promise<void>
}

/** A query only reads a table; one that takes longer is repeated at the next poll. */
const queryTimeoutMsDefault = 20_000
/** 20 MB over a slow line. */
const uploadTimeoutMsDefault = 120_000
/** A connection that takes longer would not be useful either. */
const connectTimeoutMsMax = 10_000

/** `ownHeaders` are sent with every call, besides the key as a bearer token. */
export function createCalls(
  settings: CallSettings,
  ownHeaders: Readonly<Record<string, string>> = {},
): Calls {
  const baseUrl = settings.baseUrl.replace(/(?<!\/)\/+$/, '')
  const queryTimeoutMs = settings.queryTimeoutMs ?? queryTimeoutMsDefault
  const uploadTimeoutMs = settings.uploadTimeoutMs ?? uploadTimeoutMsDefault
  const submits = createClient({ reuse: false, connectTimeoutMs: connectTimeoutMs(settings.submitTimeoutMs) })
  const others = createClient({ reuse: true, connectTimeoutMs: connectTimeoutMs(queryTimeoutMs) })

  const perform = async (
    client: Client,
    { key, signal }: CallOptions,
    rest: CallParts & { readonly path: string; readonly timeoutMs: number },
  ): Promise<CallResult> => {
    const { path, timeoutMs, method = 'POST', body = null, headers } = rest
    const given = { authorization: `Bearer ${key}`, ...ownHeaders, ...fixedHeaders, ...headers }
    const result = await client.call({
      method,
      url: `${baseUrl}/${path}`,
      headers: given,
      body,
      timeoutMs,
      signal,
    })
    settings.onCall?.(key, result)
    return result
  }

  return {
    submit: (path, options, parts) =>
      perform(submits, options, { ...parts, path, timeoutMs: settings.submitTimeoutMs }),
    query: (path, options) => perform(others, options, { path, method: 'GET', timeoutMs: queryTimeoutMs }),
    upload: (path, options, parts) =>
      perform(others, options, { ...parts, path, timeoutMs: uploadTimeoutMs }),
    async close() {
      await Promise.all([submits.close(), others.close()])
    },
  }
}

const fixedHeaders = { accept: 'application/json', 'user-agent': 'tollgate' }

/** Shorter than the whole call, so that an address that drops all packets is known as never reached. */
function connectTimeoutMs(callTimeoutMs: number): number {
  return Math.min(connectTimeoutMsMax, Math.ceil(callTimeoutMs / 2))
}

/** An id as one part of a path. */
export const pathPart = (id: string): string => encodeURIComponent(id.toWellFormed())

/** The long last segment of a callback's path is its secret; it may be echoed without the rest. */
export function tokenOf(callbackUrl: string | null): string {
  return /(?<![^/])[^/]{16,}$/.exec(callbackUrl ?? '')?.[0] ?? ''
}
