// Pictures that clients bring: judged by their bytes, bounded, paid for, and never relayed when refused.
import type { Guard } from '../guard.ts'

const uploads = 'test/load/uploads.test.ts'
const files = 'test/http/files.test.ts'
const inline = 'test/http/inline-images.long.test.ts'
const bodies = 'test/http/wire/bodies.test.ts'
const encodings = 'test/http/wire/encodings.test.ts'
const forms = 'test/http/wire/file-form.test.ts'
const scan = 'test/http/wire/picture-scan.test.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a form holds the file and nothing else',
    file: 'src/http/bodies/file-form.ts',
    search: "form.on('field', () => fail(noFile(field)))",
    replacement: '',
    tests: [forms],
  },
  {
    name: 'a file is called file',
    file: 'src/http/bodies/file-form.ts',
    search: 'name === field ? transferRefusal(transferEncoding) : noFile(field)',
    replacement: 'transferRefusal(transferEncoding)',
    tests: [files],
  },
  {
    name: 'a file that was received and then refused leaves nothing',
    file: 'src/http/bodies/file-form.ts',
    search: 'await file.then(async ({ discard }) => await discard()).catch(() => undefined)',
    replacement: 'await file.catch(() => undefined)',
    tests: [forms],
  },
  {
    name: 'a fault of ours is no malformed request',
    file: 'src/http/wire/failure.ts',
    search: "if (code.startsWith('FST_') && statusCode !== undefined",
    replacement: 'if (statusCode !== undefined',
    tests: [bodies],
  },
  {
    name: 'a large body bears pictures and little else',
    file: 'src/http/bodies/picture-scan.ts',
    search: 'if (length > bytesMax && !isShortText()) throw new RestTooLarge()',
    replacement: 'if (length === bytes.length) return at',
    tests: [scan, inline],
  },
  {
    name: 'a body bears no more pictures than any model takes',
    file: 'src/http/bodies/picture-scan.ts',
    search: 'if (count === picturesMax) throw new RestTooLarge()',
    replacement: '',
    tests: [scan, inline],
  },
  {
    name: 'a large body is read for an account that could pay for it',
    file: 'src/http/bodies/picture-body.ts',
    search: 'await expectPictureOrder(ctx, caller, idempotencyKeyOf(request))',
    replacement: '',
    tests: [bodies],
  },
  {
    name: 'an order that was charged is answered again though its account could pay for no other',
    file: 'src/tasks/create/expect-pictures.ts',
    search: 'if (!(await ctx.db.transaction((tx) => orderOfKey(tx, use)))) throw refusal',
    replacement: 'throw refusal',
    tests: [bodies],
  },
  {
    name: 'others have their turn while a body is read',
    file: 'src/http/bodies/turn.ts',
    search: 'await setImmediate()',
    replacement: 'await null',
    tests: ['test/http/wire/turn.test.ts'],
  },
  {
    name: 'a picture stands where pictures are taken',
    file: 'src/http/bodies/place-pictures.ts',
    search: 'if (placed.size === pictures.length) return whole',
    replacement: 'return whole',
    tests: [bodies, inline],
  },
  {
    name: 'what a body holds is released with its answer',
    file: 'src/http/bodies/picture-body.ts',
    search: 'request.held.release().then(',
    replacement: 'Promise.resolve().then(',
    tests: [bodies, inline],
  },
  {
    name: 'large bodies are held a few at a time, and of one account fewer',
    file: 'src/media/uploads/concurrency-limit.ts',
    search: 'if (all + weight > max || present + weight > ofAccountMax) return null',
    replacement: '',
    tests: [inline],
  },
  {
    name: 'no body is read for which there is no memory',
    file: 'src/http/bodies/memory.ts',
    search: 'if (used !== null && used + bytes + marginBytes > limitBytes) throw noMemory()',
    replacement: '',
    tests: ['test/http/wire/memory.test.ts'],
  },
  {
    name: 'what a process left half-written is gone at the next start',
    file: 'src/app/app.ts',
    search: '    await clearIncoming(ctx)\n',
    replacement: '',
    tests: [bodies],
  },
  {
    name: 'a body in another charset is not read',
    file: 'src/http/bodies/encodings.ts',
    search: 'if (!charsets.has(charset.toLowerCase())) return wrongCharset(charset)',
    replacement: '',
    tests: [encodings],
  },
  {
    name: 'a body that is packed is not read',
    file: 'src/http/bodies/encodings.ts',
    search: 'if (coding !== undefined) return wrongCoding(coding)',
    replacement: '',
    tests: [encodings],
  },
  {
    name: 'two hosts are one too many',
    file: 'src/http/frame.ts',
    search: "return hosts === 1 || (hosts === 0 && httpVersion === '1.0')",
    replacement: "return hosts > 0 || httpVersion === '1.0'",
    tests: ['test/http/transport.test.ts'],
  },
  {
    name: 'an order that is wrong uploads nothing',
    file: 'src/tasks/create/create.ts',
    search: '} = usableRoute(ctx, await readOrder(ctx, caller, withoutInlineImages(body)))',
    replacement:
      "} = { creditsTotal: 0, order: { count: 1 }, upstream: String(withoutInlineImages('keevx')) }",
    tests: [inline],
  },
  {
    name: 'an order that cannot be paid uploads nothing',
    file: 'src/tasks/create/create.ts',
    search: '  await expectToCharge(ctx.db.read, wanted)\n',
    replacement: '',
    tests: [inline],
  },
  {
    name: 'a data: URI is base64 and nothing else',
    file: 'src/media/uploads/inline-uri.ts',
    search: 'else if (value !== blank || progress.brokeAt !== progress.signs) progress.isBad = true',
    replacement: '',
    tests: ['test/media/inline-uri.test.ts', inline],
  },
  {
    name: 'an upload leaves nothing behind',
    file: 'src/http/bodies/uploads.ts',
    search: 'await file.discard()',
    replacement: '',
    tests: [uploads],
  },
]
