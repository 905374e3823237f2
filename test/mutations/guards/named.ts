// What operators and clients name: files that are no secrets, names that hide settings, types that hide an encoding.
import type { Guard } from '../guard.ts'

const files = 'test/config/hostile-files.test.ts'
const named = 'test/accounts/named.test.ts'
const encodings = 'test/http/wire/encodings.test.ts'

export const guards: readonly Guard[] = [
  {
    name: 'a device is no secret',
    file: 'src/config/environment/secret-file.ts',
    search: 'if (!found.isFile() && !found.isFIFO() && !found.isDirectory()) throw',
    replacement: 'if (false) throw',
    tests: [files],
  },
  {
    name: 'a secret has a longest length',
    file: 'src/config/environment/secret-file.ts',
    search: 'throw new WrongValue(`the file ${path} is longer than 64 KiB, and no secret is`)',
    replacement: 'return bytes',
    tests: [files],
  },
  {
    name: 'a name of every object is no name of a setting',
    file: 'src/config/file/parse.ts',
    search: '!ownNames.has(String(key.value))',
    replacement: 'ownNames.size > 0',
    tests: [files],
  },
  {
    name: 'a request has one type',
    file: 'src/http/bodies/encodings.ts',
    search: '(twoTypes(request) ?? encodingRefusal(request.headers))',
    replacement: 'encodingRefusal(request.headers)',
    tests: [encodings],
  },
  {
    name: 'a charset is found however it is written',
    file: 'src/http/bodies/encodings.ts',
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
  {
    name: 'a name that several accounts have finds none',
    file: 'src/accounts/named.ts',
    search: 'if (others.length === 0) return one.id',
    replacement: 'if (others.length >= 0) return one.id',
    tests: [named],
  },
  {
    name: 'an id is an id, also where another bears it as a name',
    file: 'src/accounts/named.ts',
    search: '.where(eq(accounts.id, given))',
    replacement: '.where(eq(accounts.name, given))',
    tests: [named],
  },
  {
    name: 'what is not kept of a key is not believed',
    file: 'src/accounts/named.ts',
    search: 'if (beginning.length > prefixLengthOf(beginning)) throw tooLong(prefixLengthOf(beginning))',
    replacement: '',
    tests: [named],
  },
  {
    name: 'a reason is told in the language of who asks',
    file: 'src/http/wire/language.ts',
    search: 'reasonIn(language, task.error_message)',
    replacement: "reasonIn('en', task.error_message)",
    tests: ['test/http/reader-language.test.ts'],
  },
]
