// Pictures that clients bring: judged by their bytes, bounded, paid for, and never relayed when refused.
import type { Guard } from '../guard.ts'

const uploads = 'test/http/uploads.test.ts'
const files = 'test/http/files.test.ts'
const inline = 'test/http/inline-images.test.ts'

export const guards: readonly Guard[] = [
  {
    name: 'what comes after a file may still refuse it',
    file: 'src/http/v1/files.ts',
    search: "if (part.type === 'field' || part.fieldname !== 'file') throw noFile()",
    replacement: "if (part.type === 'field') continue",
    tests: [files],
  },
  {
    name: 'a large body bears pictures and little else',
    file: 'src/http/json-body.ts',
    search: 'if (rest.length > jsonBytesMax) return done(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE())',
    replacement: '',
    tests: [inline],
  },
  {
    name: 'large bodies are held a few at a time, and of one account fewer',
    file: 'src/media/gate.ts',
    search: 'if (all >= max || present >= ofAccountMax) return null',
    replacement: '',
    tests: [inline],
  },
  {
    name: 'an order that is wrong uploads nothing',
    file: 'src/tasks/create.ts',
    search:
      'const { creditsTotal: total, order } = ctx.catalog.current.parseOrder(withoutInlineImages(body))',
    replacement: 'const { total, order } = { total: 0, order: { count: 1 } }',
    tests: [inline],
  },
  {
    name: 'an order that cannot be paid uploads nothing',
    file: 'src/tasks/create.ts',
    search:
      '  await expectToCharge(ctx.db.read, { accountId, total, count: order.count, tasksInFlightMax })\n',
    replacement: '',
    tests: [inline],
  },
  {
    name: 'a data: URI is base64 and nothing else',
    file: 'src/media/base64.ts',
    search: ' || !/^[A-Za-z0-9+/]*$/.test(signs)) throw new NotBase64()',
    replacement: ') throw new NotBase64()',
    tests: ['test/media/base64.test.ts', inline],
  },
  {
    name: 'an upload leaves nothing behind',
    file: 'src/http/v1/files.ts',
    search: 'await received?.file.discard()\n        request.raw.socket.off',
    replacement: 'request.raw.socket.off',
    tests: [uploads],
  },
]
