// What a process has towards its clients, once: connections, memory for bodies, limits. Its gateways share it.
import type { Context } from '../../context.ts'
import { newId } from '../../ids.ts'
import { createMemory } from '../bodies/memory.ts'
import type { Memory, MemoryUse } from '../bodies/memory.ts'
import { connectionBounds } from './bounds.ts'
import type { ConnectionBounds } from './bounds.ts'
import { Connections } from './connections.ts'
import { createLimits } from '../limits.ts'
import type { Limits } from '../limits.ts'
import type { LoadBounds } from '../load.ts'
import { createClientErrors } from '../wire/client-error.ts'
import type { ClientErrors } from '../wire/client-error.ts'

/** Overrides of the production limits, for tests. */
export interface ServerBounds {
  readonly connections?: Partial<ConnectionBounds>
  readonly load?: Partial<LoadBounds>
}

export interface Front {
  readonly connections: Connections
  readonly clientErrors: ClientErrors
  readonly memory: Memory
  readonly limits: Limits
  /** File descriptors for clients. */
  readonly descriptorsMax: number
  readonly load: Partial<LoadBounds>
}

export function createFront(ctx: Context, memory: MemoryUse, given: ServerBounds): Front {
  const bounds = { ...connectionBounds(memory.limitBytes), ...given.connections }
  return {
    connections: new Connections(bounds, ctx),
    clientErrors: createClientErrors(() => newId('req', ctx.clock.now())),
    memory: createMemory(memory),
    limits: createLimits(ctx),
    descriptorsMax: bounds.descriptorsMax,
    load: given.load ?? {},
  }
}
