// Keevx's answers: their bodies and status codes; all numbers of the sandbox are here.
import type { Operation } from './tasks.ts'

export interface Reply {
  readonly status: number
  readonly body: Record<string, unknown>
}

/** Why a request is refused, in the words of the tables; each endpoint has its own numbers for them. */
export type Refusal =
  | 'parameter'
  | 'validation'
  | 'prompt_too_long'
  | 'image_inaccessible'
  | 'image_format'
  | 'not_found'

interface TableRow {
  readonly code: number
  readonly status: number
  readonly title: string
}

const tables: Record<Operation, Record<Refusal, TableRow>> = {
  image_generate: {
    parameter: { code: 100_001, status: 400, title: 'Parameter error' },
    validation: { code: 100_002, status: 400, title: 'Validation failed' },
    prompt_too_long: { code: 100_002, status: 400, title: 'Validation failed' },
    image_inaccessible: { code: 530_002, status: 400, title: 'Image processing error' },
    image_format: { code: 530_002, status: 400, title: 'Image processing error' },
    not_found: { code: 110_002, status: 400, title: 'Task not found' },
  },
  image_to_video: {
    parameter: { code: 100_001, status: 400, title: 'Parameter error' },
    validation: { code: 100_001, status: 400, title: 'Parameter error' },
    prompt_too_long: { code: 100_005, status: 400, title: 'Prompt too long' },
    image_inaccessible: { code: 100_006, status: 400, title: 'Image URL inaccessible' },
    image_format: { code: 100_007, status: 400, title: 'Unsupported image format' },
    not_found: { code: 100_003, status: 404, title: 'Task not found' },
  },
}

export function refuse(operation: Operation, refusal: Refusal, detail: string): Reply {
  const row = tables[operation][refusal]
  return { status: row.status, body: { code: row.code, msg: `${row.title}: ${detail}` } }
}

export function accept(data: Record<string, unknown>): Reply {
  return { status: 200, body: { code: 0, msg: 'ok', data } }
}

/** Only the video table has a code for it; elsewhere the HTTP status says it. */
export function refuseKey(operation: Operation | 'upload'): Reply {
  const code = operation === 'image_to_video' ? 100_002 : 401
  return operation === 'upload'
    ? refuseUpload('key', 'Invalid token')
    : { status: 401, body: { code, msg: 'Invalid token' } }
}

export function refuseSource(operation: Operation | 'upload'): Reply {
  const detail = 'header source must be skill'
  return operation === 'upload' ? refuseUpload('parameter', detail) : refuse(operation, 'parameter', detail)
}

export function refuseLength(): Reply {
  return { status: 413, body: { code: 413, msg: 'Request body too large' } }
}

export function refuseNothing(error: unknown): Reply {
  return { status: 500, body: { code: 500, msg: `the sandbox itself failed: ${String(error)}` } }
}

export function refusePath(): Reply {
  return { status: 404, body: { code: 404, msg: 'Resource not found' } }
}

export function acceptUpload(file: { url: string; fileId: string; fileName: string }): Reply {
  return { status: 200, body: { code: 0, success: true, message: { global: 'success' }, result: file } }
}

const uploadRows = {
  key: { code: 100_002, status: 401 },
  parameter: { code: 100_001, status: 400 },
  size: { code: 100_004, status: 413 },
  format: { code: 100_007, status: 400 },
}

/** The documents show no failed upload: this is the inverse of a successful one. */
export function refuseUpload(refusal: keyof typeof uploadRows, detail: string): Reply {
  const { code, status } = uploadRows[refusal]
  return { status, body: { code, success: false, message: { global: detail }, result: null } }
}

/** For answers other than Keevx's JSON: files and floods. */
export const httpStatus = { whole: 200, part: 206, missing: 404, unsatisfiable: 416 } as const
