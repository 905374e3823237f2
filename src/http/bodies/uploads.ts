// Receives one file of a client's form, and finds a URL for it that an order accepts; one room for all surfaces.
import { errorCodes } from 'fastify'
import type { FastifyInstance, FastifyRequest, RequestPayload } from 'fastify'
import type { Context } from '../../context.ts'
import { GatewayError } from '../../errors.ts'
import { accountSuspended } from '../../ledger/charge.ts'
import { createGate } from '../../media/uploads/concurrency-limit.ts'
import type { Gate } from '../../media/uploads/concurrency-limit.ts'
import { incomingGate } from '../../media/uploads/incoming.ts'
import type { Spooled } from '../../media/spool.ts'
import { relayImage, uploadBytesMax } from '../../media/uploads/upload.ts'
import { keepsUploadsNow, keepUpload } from '../../media/uploads/keep.ts'
import { requireUploadRoom } from '../../media/uploads/room.ts'
import { callerOf } from '../auth.ts'
import { readFileForm } from './file-form.ts'
import type { FormOf } from './file-form.ts'
import type { Memory } from './memory.ts'

/** Each upload uses a file on disk and a connection. Further ones do not queue: they are told to retry. */
const uploadsMax = 16
const uploadsOfAccountMax = 4
const memoryBytesEach = 1024 * 1024
/** What a form may add to its file: boundaries, headers, and what some clients write before and after. */
const formBytesMax = 64 * 1024
const fileNameMax = 200

declare module 'fastify' {
  interface FastifyRequest {
    /** A multipart body that has not been parsed yet. */
    form: RequestPayload | null
  }
}

export interface Uploaded {
  readonly url: string
  readonly fileName: string
  readonly bytes: number
  /** When the URL stops working; null if it is not ours. */
  readonly expiresAt: number | null
}

export interface Uploads {
  /** Call it for a scope of upload routes alone: forms are read nowhere else. */
  readForms(scope: FastifyInstance): void
  /** `form`: what the file is called, and what may stand beside it; a file called "file", alone, if left out. */
  receive(request: FastifyRequest, form?: Omit<FormOf, 'contentType'>): Promise<Uploaded>
}

export function createUploads(ctx: Context, memory: Memory): Uploads {
  const gate = createGate({
    max: memory.fitting(uploadsMax, memoryBytesEach),
    ofAccountMax: uploadsOfAccountMax,
  })
  return {
    readForms(scope) {
      scope.decorateRequest('form', null)
      scope.removeContentTypeParser('application/json')
      scope.addContentTypeParser('multipart/form-data', (request, payload, done) => {
        request.form = payload
        done(null)
      })
    },
    async receive(request, formOf = {}) {
      const { status, accountId } = callerOf(request)
      if (status === 'suspended') throw accountSuspended()
      const { form } = request
      if (!form) throw new WrongMediaType()
      const bytes = bytesTold(request)
      // Checked again when the length is known; a full account need not send the file at all.
      if (keepsUploadsNow(ctx)) await requireUploadRoom(ctx, ctx.db.read, { accountId, bytes: 1 })
      memory.expectRoom(memoryBytesEach)
      const leave = enter(ctx, gate, { accountId, bytes })
      // The request's own signal aborts as soon as its body has been read.
      const gone = new AbortController()
      const hangUp = () => gone.abort()
      request.raw.socket.once('close', hangUp)
      try {
        const { file, fileName } = await readFileForm(ctx, form, {
          ...formOf,
          contentType: request.headers['content-type'] ?? '',
        })
        try {
          const { url, expiresAt } = await urlFor(ctx, { accountId, file, signal: gone.signal })
          const name = fileName ?? `file.${file.kind.extension}`
          return { url, fileName: name.slice(0, fileNameMax), bytes: file.bytes, expiresAt }
        } finally {
          await file.discard()
        }
      } finally {
        request.raw.socket.off('close', hangUp)
        leave()
      }
    },
  }
}

/** Our URL if we keep uploads; otherwise, and while our disk accepts no files, the upstream's. */
async function urlFor(
  ctx: Context,
  upload: { readonly accountId: string; readonly file: Spooled; readonly signal: AbortSignal },
): Promise<{ readonly url: string; readonly expiresAt: number | null }> {
  const kept = await keepUpload(ctx, upload)
  if (kept) return kept
  const { file, signal } = upload
  const { url } = await relayImage(ctx, file, { field: 'file', signal, upstreamName: null })
  return { url, expiresAt: null }
}

/** Throws payload_too_large. A chunked form may be as long as the maximum. */
function bytesTold({ headers }: FastifyRequest): number {
  const bytes = Number(headers['content-length'] ?? uploadBytesMax)
  if (bytes > uploadBytesMax + formBytesMax) throw new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE()
  return Math.min(bytes, uploadBytesMax)
}

interface IncomingFile {
  readonly accountId: string
  readonly bytes: number
}

function enter(ctx: Context, gate: Gate, { accountId, bytes }: IncomingFile): () => void {
  const leaveGate = gate.enter(accountId)
  const leaveDisk = leaveGate && incomingGate(ctx).enter(accountId, bytes)
  if (!leaveGate || !leaveDisk) {
    leaveGate?.()
    throw tooManyUploads()
  }
  return () => {
    leaveGate()
    leaveDisk()
  }
}

class WrongMediaType extends Error {
  readonly statusCode = 415
}

const retryAfterMs = 3_000

const tooManyUploads = () =>
  new GatewayError(
    'rate_limited',
    {
      en: 'Too many uploads are under way at the moment. Try again in a few seconds.',
      zh: '当前上传过多,请稍后重试。',
    },
    { retryAfterMs },
  )
