// What Keevx's business codes mean. The numbers collide, so each endpoint has a table of its own.

export type CodeMeaning =
  | { readonly kind: 'refused'; readonly reason: string }
  /** "Task creation failed: retry the request." */
  | { readonly kind: 'retry' }
  | { readonly kind: 'key' }
  | { readonly kind: 'missing' }

/** For the customer, where nothing better is known. */
export const refusedReason = 'The request was refused as invalid.'
export const tooLargeReason = 'The request was refused as too large.'

const parameterRefused = refused('The request was refused: a parameter is missing or not valid.')

/** The error table of the image skill's page. */
export const imageCodes: ReadonlyMap<number, CodeMeaning> = new Map<number, CodeMeaning>([
  [100001, parameterRefused],
  [100002, refused('The request was refused: a value is outside its valid range.')],
  [
    530002,
    refused('An input image could not be used. It takes a public URL, a common format, and less than 20 MB.'),
  ],
  [530003, { kind: 'retry' }],
  [110002, { kind: 'missing' }],
])

/** The error table of the video skill's page; 530003 is documented for images and means nothing else here. */
export const videoCodes: ReadonlyMap<number, CodeMeaning> = new Map<number, CodeMeaning>([
  [100001, parameterRefused],
  [100002, { kind: 'key' }],
  [100003, { kind: 'missing' }],
  [100004, refused('An input image is larger than 20 MB.')],
  [100005, refused('The prompt is longer than 1000 characters.')],
  [100006, refused('An input image could not be reached. Check that its URL is public.')],
  [100007, refused('An input image has an unsupported format. Use a common one, such as JPG or PNG.')],
  [530003, { kind: 'retry' }],
])

/** The upload is described on both pages; only codes that cannot be mistaken for another's are read there. */
export const uploadCodes: ReadonlyMap<number, CodeMeaning> = new Map<number, CodeMeaning>([
  [100004, refused('The file is larger than 20 MB.')],
  [100007, refused('The file has an unsupported format. Use a common one, such as JPG or PNG.')],
])

function refused(reason: string): CodeMeaning {
  return { kind: 'refused', reason }
}
