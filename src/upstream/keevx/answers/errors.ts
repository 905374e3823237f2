// What Keevx's business codes mean. The numbers collide, so each endpoint has a table of its own.
import { reasons } from '../../../reasons.ts'

export type CodeMeaning =
  | { readonly kind: 'refused'; readonly reason: string }
  /** "Task creation failed: retry the request." */
  | { readonly kind: 'retry' }
  | { readonly kind: 'key' }
  | { readonly kind: 'missing' }

const parameterRefused = refused(reasons.parameterRefused)

/** The error table of the image skill's page. */
export const imageCodes: ReadonlyMap<number, CodeMeaning> = new Map<number, CodeMeaning>([
  [100001, parameterRefused],
  [100002, refused(reasons.outOfRange)],
  [530002, refused(reasons.imageUnusable)],
  [530003, { kind: 'retry' }],
  [110002, { kind: 'missing' }],
])

/** The error table of the video skill's page; 530003 is documented for images and means nothing else here. */
export const videoCodes: ReadonlyMap<number, CodeMeaning> = new Map<number, CodeMeaning>([
  [100001, parameterRefused],
  [100002, { kind: 'key' }],
  [100003, { kind: 'missing' }],
  [100004, refused(reasons.imageTooLarge)],
  [100005, refused(reasons.promptTooLong)],
  [100006, refused(reasons.imageUnreachable)],
  [100007, refused(reasons.imageFormat)],
  [530003, { kind: 'retry' }],
])

/** The upload is described on both pages; only codes that mean the same on both are used. */
export const uploadCodes: ReadonlyMap<number, CodeMeaning> = new Map<number, CodeMeaning>([
  [100004, refused(reasons.fileTooLarge)],
  [100007, refused(reasons.fileFormat)],
])

function refused(reason: string): CodeMeaning {
  return { kind: 'refused', reason }
}
