// Kept results: only what is whole and harmless is kept, nothing else is served, nothing is kept or shown for ever.
import type { Guard } from '../guard.ts'

const keeping = 'test/media/keeping.test.ts'
const interrupted = 'test/media/interrupted.test.ts'
const thumbnails = 'test/media/thumbnails.test.ts'
const retention = 'test/media/retention.test.ts'
const bucket = 'test/media/s3.test.ts'
const serving = 'test/http/media.test.ts'
const uploads = 'test/load/uploads.test.ts'
const files = 'test/http/files.test.ts'
const keep = 'src/media/keep.ts'
const kinds = 'src/media/file-types.ts'
const spool = 'src/media/spool.ts'
const storing = 'src/tasks/results/store-result.ts'
const http = 'src/http/media.ts'

export const guards: readonly Guard[] = [
  {
    name: 'what is kept is of a kind that is taken',
    file: kinds,
    search: 'if (!kind) throw new WrongKind(found?.mime ?? null)',
    replacement: "if (!kind) return { contentType: 'text/html', extension: 'html' }",
    tests: [keeping, files],
  },
  {
    name: 'a text that begins like a picture is none',
    file: kinds,
    search: 'if (!(looksSo[kind.extension]?.(head) ?? true)) throw new WrongKind(null)',
    replacement: '',
    tests: [keeping, files],
  },
  {
    name: 'a file that may have been cut off is not kept',
    file: keep,
    search: "answer.headers['transfer-encoding'] === undefined",
    replacement: 'answer.status === 0',
    tests: [keeping],
  },
  {
    name: 'a bucket whose files are older than the store is reached still',
    file: 'src/config/file/schema.ts',
    search: 'media.endpoint !== undefined',
    replacement: "media.store === 's3' && media.endpoint !== undefined",
    tests: [bucket],
  },
  {
    name: 'a video task is given a video',
    file: keep,
    search: "(type === 'image' ? imageTypeOf : videoTypeOf)",
    replacement: '(imageTypeOf)',
    tests: [keeping],
  },
  {
    name: 'a file is as long as its sender said',
    file: spool,
    search: 'if (expectedBytes !== null && bytes !== expectedBytes) {',
    replacement: 'if (false) {',
    tests: ['test/media/spool.test.ts'],
  },
  {
    name: 'a spooled file has no more bytes than may be',
    file: spool,
    search: 'if (bytes > maxBytes) throw new TooLong(`more than ${maxBytes} bytes`)',
    replacement: '',
    tests: ['test/media/spool.test.ts'],
  },
  {
    name: 'a spooled file that failed leaves nothing',
    file: spool,
    search: 'await spooling.discard()\n    throw error',
    replacement: 'throw error',
    tests: [keeping, uploads],
  },
  {
    name: 'results are fetched through the guard',
    file: keep,
    search: 'origins: upstream ? [upstream.settings.baseUrl] : [],',
    replacement: 'origins: [new URL(url).origin],',
    tests: ['test/media/spool.test.ts'],
  },
  {
    name: 'only a whole answer is kept',
    file: keep,
    search: 'if (!isWhole(answer.status)) throw',
    replacement: 'if (false) throw',
    tests: ['test/media/spool.test.ts', keeping],
  },
  {
    name: 'nobody is shown a result before it is kept',
    file: 'src/tasks/read/view.ts',
    search: "const isMade = task.state === 'succeeded'",
    replacement: 'const isMade = task.id.length > 0',
    tests: [keeping],
  },
  {
    name: 'nobody is shown a result that was removed',
    file: 'src/tasks/read/view.ts',
    search: 'task.resultRemovedAt !== null || ',
    replacement: '',
    tests: ['test/media/expired.test.ts'],
  },
  {
    name: 'a result that cannot be kept is passed on in time',
    file: storing,
    search: 'const mayWait = !isOver && triesMade <= firstPausesMs.length',
    replacement: 'const mayWait = !isOver',
    tests: [keeping],
  },
  {
    name: 'a thumbnail has a short time of its own',
    file: keep,
    search: '? AbortSignal.any([tornDown, timeoutSignal(thumbnailLimits.totalMs)])',
    replacement: '? tornDown',
    tests: [thumbnails],
  },
  {
    name: 'a thumbnail is small',
    file: keep,
    search: 'Math.min(resultMax, thumbnailLimits.maxBytes)',
    replacement: 'resultMax',
    tests: [thumbnails],
  },
  {
    name: 'a result is ours before its thumbnail is fetched',
    file: storing,
    search: 'if (wanted !== parts.at(-1)) {',
    replacement: 'if (false) {',
    tests: [thumbnails],
  },
  {
    name: 'a thumbnail is fetched only for a result that is ours',
    file: storing,
    search: "if (kept.kind !== 'kept') break",
    replacement: '',
    tests: [thumbnails],
  },
  {
    name: 'a thumbnail is not tried again for its own sake',
    file: storing,
    search: "part === 'result' && kind !== 'refused')",
    replacement: "kind !== 'refused') || tried.some(({ kind }) => kind === 'failed')",
    tests: [thumbnails],
  },
  {
    name: 'beside a result of ours the upstream’s thumbnail is not shown',
    file: storing,
    search: "have.has('result') && !have.has('thumbnail') ? null : task.thumbnailUrl",
    replacement: 'task.thumbnailUrl',
    tests: [thumbnails],
  },
  {
    name: 'a result kept late takes the upstream’s thumbnail away',
    file: storing,
    search: "part === 'result' && task?.state === 'succeeded' ? { thumbnailUrl: null } : {}",
    replacement: '{}',
    tests: [thumbnails],
  },
  {
    name: 'the sweep ends what waits too long',
    file: 'src/tasks/results/pass-on.ts',
    search: 'return await endStoring(ctx, tx, taskId)',
    replacement: 'return null',
    tests: [interrupted],
  },
  {
    name: 'a success that waits to be kept does not fail',
    file: 'src/tasks/state.ts',
    search: "failed: ['queued', 'submitting', 'unknown', 'running'],",
    replacement: "failed: ['queued', 'submitting', 'unknown', 'running', 'storing'],",
    tests: [interrupted],
  },
  {
    name: 'a late try to keep a result overwrites nothing',
    file: 'src/tasks/results/store-result.ts',
    search: 'if (!isOurs && !(await isLeased(tx, keep)))',
    replacement: 'if (false)',
    tests: ['test/media/interrupted.test.ts'],
  },
  {
    name: 'a new process takes over what a dead one had in hand',
    file: 'src/tasks/rescue/release-leases.ts',
    search: 'await releaseWaiting(tx, nowMs)',
    replacement: '',
    tests: [interrupted],
  },
  {
    name: 'what is written or removed is not served',
    file: 'src/media/rows.ts',
    search: "eq(media.name, sql.placeholder('name')), eq(media.state, 'kept')",
    replacement: "eq(media.name, sql.placeholder('name'))",
    tests: [retention],
  },
  {
    name: 'a file that was taken for nobody’s is not shown',
    file: 'src/media/rows.ts',
    search: "eq(media.name, name), eq(media.state, 'writing')",
    replacement: 'eq(media.name, name)',
    tests: [retention],
  },
  {
    name: 'a row goes after its file',
    file: 'src/media/remove.ts',
    search: 'await blobs.remove(name)',
    replacement: '',
    tests: [retention, bucket],
  },
  {
    name: 'an S3 object goes out with the sum that was checked',
    file: 'src/media/stores/s3.ts',
    search: "'x-amz-content-sha256': file.sha256,",
    replacement: '',
    tests: [bucket],
  },
  {
    name: 'a refusal of the S3 store is no success',
    file: 'src/media/stores/s3.ts',
    search: 'if (!good.includes(answer.status)) throw refusal(verb, answer)',
    replacement: '',
    tests: [bucket],
  },
  {
    name: 'only names that we give are looked for',
    file: http,
    search: 'isMediaName(name) ? await servedFile(ctx.db.read, name) : null',
    replacement: 'await servedFile(ctx.db.read, name.slice(0, 36))',
    tests: [serving],
  },
  {
    name: 'a kept file runs nothing',
    file: http,
    search: "'content-security-policy': \"default-src 'none'; sandbox\",",
    replacement: '',
    tests: [serving],
  },
  {
    name: 'a file that is not whole on disk is not served',
    file: 'src/media/stores/disk.ts',
    search: 'if (size === bytes) return',
    replacement: 'return',
    tests: [serving],
  },
  {
    name: 'a range lies within the file',
    file: http,
    search: 'return first >= bytes\n',
    replacement: 'return first > bytes\n',
    tests: [serving],
  },
  {
    name: 'HEAD has no ranges',
    file: http,
    search: "if (method !== 'GET') return null",
    replacement: '',
    tests: [serving],
  },
]
