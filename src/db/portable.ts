// Works that can be done in another thread: known by a name, with plain data in and out.
import { GatewayError } from '../errors.ts'
import type { ErrorType, Text } from '../errors.ts'
import { CommitUnknown } from './database.ts'
import type { Tx } from './database.ts'

export interface Portable<Input, Output> {
  /** What it is called between the threads. */
  readonly name: string
  run(tx: Tx, input: Input): Promise<Output>
}

/** An error as it travels between threads; an instance would arrive as a bare Error. */
export type PackedError =
  | {
      readonly kind: 'gateway'
      readonly type: ErrorType
      readonly text: Text
      readonly options: {
        readonly field?: string
        readonly retryAfterMs?: number
        readonly detail?: string
      }
    }
  | { readonly kind: 'commit unknown'; readonly cause: string }
  | { readonly kind: 'other'; readonly name: string; readonly message: string; readonly code: string | null }

export function packError(error: unknown): PackedError {
  if (error instanceof GatewayError) {
    const { type, text, field, retryAfterMs, detail } = error
    const options = {
      ...(field === undefined ? {} : { field }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(detail === undefined ? {} : { detail }),
    }
    return { kind: 'gateway', type, text, options }
  }
  if (error instanceof CommitUnknown) return { kind: 'commit unknown', cause: String(error.cause) }
  const { name, message, code } = error as { name?: unknown; message?: unknown; code?: unknown }
  return {
    kind: 'other',
    name: String(name),
    message: String(message),
    code: typeof code === 'string' ? code : null,
  }
}

export function unpackError(packed: PackedError): Error {
  if (packed.kind === 'gateway') return new GatewayError(packed.type, packed.text, packed.options)
  if (packed.kind === 'commit unknown') return new CommitUnknown(new Error(packed.cause))
  const { name, message, code } = packed
  return Object.assign(new Error(message), { name }, code === null ? {} : { code })
}
