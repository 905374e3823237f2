// What operators and clients name: files that are no secrets, names that hide settings, types that hide an encoding.
import type { Guard } from '../guard.ts'

const files = 'test/config/hostile-files.test.ts'
const encodings = 'test/http/wire/encodings.test.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a device is no secret',
    file: 'src/config/secret-file.ts',
    search: 'if (!found.isFile() && !found.isFIFO() && !found.isDirectory()) throw',
    replacement: 'if (false) throw',
    tests: [files],
  },
  {
    name: 'a secret has a longest length',
    file: 'src/config/secret-file.ts',
    search: 'throw new WrongValue(`the file ${path} is longer than 64 KiB, and no secret is`)',
    replacement: 'return bytes',
    tests: [files],
  },
  {
    name: 'a name of every object is no name of a setting',
    file: 'src/config/file.ts',
    search: '!ownNames.has(String(key.value))',
    replacement: 'ownNames.size > 0',
    tests: [files],
  },
  {
    name: 'a request has one type',
    file: 'src/http/wire/encodings.ts',
    search: '(twoTypes(request) ?? encodingRefusal(request.headers))',
    replacement: 'encodingRefusal(request.headers)',
    tests: [encodings],
  },
  {
    name: 'a charset is found however it is written',
    file: 'src/http/wire/encodings.ts',
    search: String.raw`charset(?:\*\d{0,3}\*?)?\s*=`,
    replacement: String.raw`charset\s*=`,
    tests: [encodings],
  },
  {
    name: 'a refusal repeats no line break of an argument',
    file: 'src/cli/program.ts',
    search: 'write(refusalText(text, args))',
    replacement: 'write(refusalText(text, []))',
    tests: ['test/cli/terminal.test.ts'],
  },
]
