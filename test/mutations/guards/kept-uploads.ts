// Uploads that we keep: where the upstream can fetch them, within bounds, whole, and never for ever.
import type { Guard } from '../guard.ts'

const kept = 'test/media/uploads.test.ts'
const counted = 'test/media/uploads-counted.test.ts'
const http = 'test/http/uploads.test.ts'
const keep = 'src/media/uploads/keep.ts'
const ours = 'src/media/uploads/ours.ts'
const rows = 'src/media/uploads/rows.ts'
const remove = 'src/media/uploads/remove.ts'

export const guards: readonly Guard[] = [
  {
    name: 'an upload has our URL only at a public address',
    file: ours,
    search: ' && isPublic(publicUrl)',
    replacement: '',
    tests: [kept],
  },
  {
    name: 'the operator may have uploads passed on',
    file: ours,
    search: "media.uploads.keptBy === 'ours' &&",
    replacement: '',
    tests: [kept],
  },
  {
    name: 'uploads are kept on the disk alone',
    file: ours,
    search: " && media.store === 'disk'",
    replacement: '',
    tests: [kept],
  },
  {
    name: 'uploads are kept no longer than results',
    file: ours,
    search: 'Math.min(media.uploads.retentionMs, media.retentionMs)',
    replacement: 'media.uploads.retentionMs',
    tests: [kept],
  },
  {
    name: 'an upload is on the disk before its URL is answered',
    file: keep,
    search: 'await syncSpooled(file)',
    replacement: '',
    tests: [kept],
  },
  {
    name: 'an upload takes room before its file is there',
    file: keep,
    search: 'await requireUploadRoom(ctx, tx, { accountId, bytes })',
    replacement: '',
    tests: [kept],
  },
  {
    name: 'an account keeps no more uploads than it may',
    file: 'src/media/uploads/room.ts',
    search: 'totals.files + 1 > filesMax || ',
    replacement: '',
    tests: [kept, http],
  },
  {
    name: 'an account keeps no more bytes of uploads than it may',
    file: 'src/media/uploads/room.ts',
    search: ' || totals.bytes + bytes > bytesMax',
    replacement: '',
    tests: [kept],
  },
  {
    name: 'an account without room is told before it sends',
    file: 'src/http/bodies/uploads.ts',
    search: 'if (keepsUploadsNow(ctx)) await requireUploadRoom',
    replacement: 'if (false) await requireUploadRoom',
    tests: [http],
  },
  {
    name: 'the uploads of others take none of an account’s room',
    file: rows,
    search: ".where(eq(uploads.accountId, sql.placeholder('accountId')))",
    replacement: '',
    tests: [kept, http],
  },
  {
    name: 'nothing is kept for a client that has gone',
    file: keep,
    search: '!signal.aborted && ',
    replacement: '',
    tests: [kept],
  },
  {
    name: 'an upload that broke off is removed at once',
    file: keep,
    search: 'await giveUp(ctx, name, accountId)\n',
    replacement: '',
    tests: [kept],
  },
  {
    name: 'an upload goes to the disk only while that takes files',
    file: keep,
    search: "keepsUploads(ctx.config) && ctx.resultStore.state() !== 'down'",
    replacement: 'keepsUploads(ctx.config)',
    tests: [kept, http],
  },
  {
    name: 'an upload that the disk did not take is passed on',
    file: keep,
    search: 'if (error instanceof StoreDown || error instanceof StoreFault) return null',
    replacement: '',
    tests: [kept],
  },
  {
    name: 'an upload is served only once it is whole, and not while it goes',
    file: rows,
    search: "and(eq(uploads.name, sql.placeholder('name')), eq(uploads.state, 'kept'))",
    replacement: "eq(uploads.name, sql.placeholder('name'))",
    tests: [kept, http],
  },
  {
    name: 'an upload whose writer was taken for gone is not kept after all',
    file: rows,
    search: "and(eq(uploads.name, name), eq(uploads.state, 'writing'))",
    replacement: 'eq(uploads.name, name)',
    tests: [kept],
  },
  {
    name: 'no upload is removed by a clock that is not believed',
    file: remove,
    search: 'if (!ctx.time.mayEnd(uploadLifetimeMs(ctx.config))) return []',
    replacement: '',
    tests: [kept],
  },
  {
    name: 'the file of an upload goes before its row',
    file: remove,
    search: 'await diskStore(ctx.mediaRoot).remove(name)\n',
    replacement: '',
    tests: [kept],
  },
  {
    name: 'uploads are no strays',
    file: 'src/media/strays/rows.ts',
    search: ', ...(await knownUploads(read, names))',
    replacement: '',
    tests: [counted],
  },
  {
    name: 'uploads that an older copy does not know are noted as strays',
    file: 'src/media/strays/carry.ts',
    search: "(await replaced.hasTable('uploads'))",
    replacement: 'false',
    tests: [counted],
  },
  {
    name: 'a backup takes uploads along',
    file: 'src/media/copies/rows.ts',
    search: "const more = (await read.hasTable('uploads')) ? ofUploads : sql``",
    replacement: 'const more = sql.raw(String(ofUploads).slice(0, 0))',
    tests: [counted],
  },
  {
    name: 'a store from before there were uploads can be copied',
    file: 'src/media/copies/rows.ts',
    search: "const more = (await read.hasTable('uploads')) ? ofUploads : sql``",
    replacement: 'const more = ofUploads',
    tests: [counted],
  },
  {
    name: 'an upload is of an account that there is',
    file: 'src/ledger/pass/pass.ts',
    search: "{ table: uploads, key: ['name'], checks: uploadCoherence(read) },",
    replacement: '',
    tests: [counted],
  },
]
