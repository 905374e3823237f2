// Logs more than a pipe holds, then says on stderr that it has come to its end.
import { createLog } from '../../../src/log.ts'

const log = createLog('info')
for (let n = 0; n < 5_000; n += 1) log.info({ n, pad: 'x'.repeat(400) }, 'happened')
process.stderr.write('not held up\n')
