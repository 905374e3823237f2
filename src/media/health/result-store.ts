// Creates the configured result store's circuit breaker.
import type { Context, ResultStore } from '../../context.ts'
import { blobStoreOf, storeForNew } from '../stores/blob-stores.ts'
import { Breaker } from './breaker.ts'
import { createProbe } from './probe.ts'

interface ResultStoreOptions {
  readonly outside: Pick<Context, 'config' | 'trustedHttp' | 'clock' | 'log' | 'mediaRoot'>
  /** It stopped working, or works again. */
  readonly onChange: () => void
}

export function createResultStore({ outside, onChange }: ResultStoreOptions): ResultStore {
  const { clock, log } = outside
  const store = storeForNew(outside)
  const blobs = store && blobStoreOf(outside, store)
  return new Breaker({ probe: blobs && createProbe(outside, blobs), clock, log, onChange })
}
