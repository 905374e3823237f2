// What Keevx's business codes mean. The numbers collide, so each endpoint has a table of its own.
import { reasons } from '../../reasons.ts'
import type { AnswerRules, Meaning, Said } from '../answers/rules.ts'
import { claimsSuccess } from '../answers/wire.ts'

const parameterRefused = refused(reasons.parameterRefused)

/** The error table of the image skill's page. */
const imageCodes: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [100001, parameterRefused],
  [100002, refused(reasons.outOfRange)],
  [530002, refused(reasons.imageUnusable)],
  [530003, { kind: 'retry' }],
  [110002, { kind: 'missing' }],
])

/** The error table of the video skill's page; 530003 is documented for images and means nothing else here. */
const videoCodes: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
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
const uploadCodes: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [100004, refused(reasons.fileTooLarge)],
  [100007, refused(reasons.fileFormat)],
])

/** The image, video and upload endpoint each have a table of their own. */
const rulesOf = (codes: ReadonlyMap<number, Meaning>): AnswerRules => ({
  meaningOf: ({ envelope }) => codes.get(envelope?.code ?? 0),
  isOwn: (answer) => isKeevxOwn(answer, codes),
  claimsSuccess,
})

/**
 * Whether the answer comes from Keevx itself, not from a proxy, a firewall or another API before it: it has a
 * code of the endpoint's table, or the documented `code` and `msg`. A 404 whose code repeats an HTTP status
 * is any router's answer for a path.
 */
function isKeevxOwn({ envelope, status }: Said, codes: ReadonlyMap<number, Meaning>): boolean {
  const code = envelope?.code ?? null
  if (!envelope || code === null) return false
  if (codes.has(code)) return true
  const isOfARouter = status === 404 && code >= httpStatusMin && code <= httpStatusMax
  return envelope.msg !== undefined && !isOfARouter
}

const httpStatusMin = 100
const httpStatusMax = 599

export const imageRules = rulesOf(imageCodes)
export const videoRules = rulesOf(videoCodes)
export const uploadRules = rulesOf(uploadCodes)

function refused(reason: string): Meaning {
  return { kind: 'refused', reason }
}
