// Large bodies with inline pictures: checked for permission, then read in small steps, the pictures to disk.
import { errorCodes } from 'fastify'
import type { FastifyRequest, onSendHookHandler, preHandlerHookHandler, RequestPayload } from 'fastify'
import type { Context } from '../../context.ts'
import { randomText } from '../../ids.ts'
import { NotJson } from '../../media/uploads/inline-uri.ts'
import { createGate } from '../../media/uploads/concurrency-limit.ts'
import { incomingGate } from '../../media/uploads/incoming.ts'
import { createPictureReceiver } from '../../media/uploads/inline-picture.ts'
import type { PictureReceiver } from '../../media/uploads/inline-picture.ts'
import { tooManyAtOnce } from '../../media/uploads/inline.ts'
import { expectPictureOrder } from '../../tasks/create/expect-pictures.ts'
import { callerOf } from '../auth.ts'
import { idempotencyKeyOf } from '../idempotency-key.ts'
import { jsonBytesMax } from './json-body.ts'
import type { Memory } from './memory.ts'
import { placePictures } from './place-pictures.ts'
import { createPictureScan, RestTooLarge, sliceBytesMax } from './picture-scan.ts'
import { inTurns } from './turn.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Resources held for a body with pictures until its request is answered. */
    held: Held | null
  }
}

/** One picture of 20 MB in base64, and the rest of an order. */
const largeBytesMax = 28 * 1024 * 1024
/** Large bodies read at the same time. Further ones do not queue: they get a retryable refusal. */
const largeMax = 8
const largeOfAccountMax = 2
/** Above the maximum of every model. */
const picturesMax = 16
/** Memory per body: received but unscanned data, the JSON without its pictures, and the parsed result. */
const memoryBytesEach = 4 * 1024 * 1024
const standInLength = 24

export interface Source {
  readonly payload: RequestPayload
  /** The part that has been read already. */
  readonly begun: Buffer
  /** The Content-Length; null for a chunked body. */
  readonly bytesTold: number | null
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Reads bodies above the usual size limit, because they contain pictures. */
    pictures?: PictureBodies | undefined
  }
}

export interface PictureBodies {
  readonly bytesMax: number
  /** Throws before reading anything if the caller could not pay for any order with pictures. */
  read(request: FastifyRequest, source: Source, parse: (rest: Buffer) => Promise<unknown>): Promise<unknown>
  /** Admits a body of this length with pictures, read by others; returns what to call when it is no longer needed. */
  admit(request: FastifyRequest, bytes: number): Promise<() => void>
  /** The same bodies, where pictures stand in other fields than those of a create. */
  placedBy(place: PlacePictures): PictureBodies
  readonly hooks: { readonly preHandler: preHandlerHookHandler; readonly onSend: onSendHookHandler }
}

interface Held {
  /** After this call only the answer releases it, no longer the client's disconnect. */
  use(): void
  release(): Promise<void>
}

/** Puts pictures into the parsed body, in place of the texts that begin with `standIn`. */
type PlacePictures = typeof placePictures

/** The bodies of one route. */
export function pictureBodies(ctx: Context, memory: Memory): PictureBodies {
  const gate = createGate({ max: memory.fitting(largeMax, memoryBytesEach), ofAccountMax: largeOfAccountMax })
  const admit = async (request: FastifyRequest, bytes: number): Promise<() => void> => {
    const caller = callerOf(request)
    await expectPictureOrder(ctx, caller, idempotencyKeyOf(request))
    memory.expectRoom(memoryBytesEach)
    const leaveGate = gate.enter(caller.accountId)
    const leaveDisk = leaveGate && incomingGate(ctx).enter(caller.accountId, bytes)
    if (!leaveGate || !leaveDisk) {
      leaveGate?.()
      throw tooManyAtOnce()
    }
    return () => {
      leaveGate()
      leaveDisk()
    }
  }
  const bodiesPlacedBy = (place: PlacePictures): PictureBodies => ({
    bytesMax: largeBytesMax,
    admit,
    placedBy: bodiesPlacedBy,
    async read(request, source, parse) {
      const leave = await admit(request, source.bytesTold ?? largeBytesMax)
      const receiver = createPictureReceiver(ctx)
      request.held = hold(request, receiver, leave)
      try {
        const standIn = `tollgate:${randomText(standInLength)}:`
        const rest = await scanAll(source, receiver, standIn)
        return place(await parse(rest), receiver.pictures, standIn)
      } catch (error) {
        await request.held.release()
        throw asRefusal(error)
      }
    },
    hooks: {
      preHandler(request, _reply, done) {
        request.held?.use()
        done()
      },
      // oxlint-disable-next-line eslint/max-params -- Fastify's hook with a callback: a promise would cost each request
      onSend(request, _reply, payload, done) {
        if (!request.held) return done(null, payload)
        request.held.release().then(
          () => done(null, payload),
          (error: Error) => done(error),
        )
      },
    },
  })
  return bodiesPlacedBy(placePictures)
}

function hold(request: FastifyRequest, receiver: PictureReceiver, leave: () => void): Held {
  const { socket } = request.raw
  let released: Promise<void> | null = null
  const release = async (): Promise<void> => await (released ??= releaseOnce())
  const releaseOnce = async (): Promise<void> => {
    socket.off('close', releaseUnheard)
    try {
      await receiver.discard()
    } finally {
      leave()
    }
  }
  const releaseUnheard = (): void => {
    release().catch((error: unknown) => request.log.error({ err: error }, 'a picture could not be removed'))
  }
  return {
    use: () => void socket.off('close', releaseUnheard),
    release,
  }
}

async function scanAll(source: Source, receiver: PictureReceiver, standIn: string): Promise<Buffer> {
  const scan = createPictureScan({
    restBytesMax: jsonBytesMax,
    picturesMax,
    standIn: (index) => `${standIn}${index}`,
  })
  let bytes = 0
  for await (const slice of slices(source)) {
    bytes += slice.length
    if (bytes > largeBytesMax) throw new RestTooLarge()
    for (const piece of scan.push(slice)) await receiver.take(piece)
  }
  return scan.end()
}

async function* slices({ begun, payload }: Source): AsyncGenerator<Buffer> {
  for (let at = 0; at < begun.length; at += sliceBytesMax) yield begun.subarray(at, at + sliceBytesMax)
  yield* inTurns(payload, sliceBytesMax)
}

function asRefusal(error: unknown): unknown {
  if (error instanceof RestTooLarge) return new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE()
  return error instanceof NotJson ? new SyntaxError('the body is no JSON') : error
}
