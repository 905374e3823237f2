// The laws of what stands in a source file, and of its name.
import { basename } from 'node:path'

import { type Law, lineLaw, withoutComments } from './tree.ts'

const linesMax = 300

const inSource = (path: string) => /^(?:src|sandbox)\/.*\.ts$/.test(path)
const inRoom = (path: string, ...rooms: string[]) =>
  rooms.some((room) => path.startsWith(room === 'sandbox' ? 'sandbox/' : `src/${room}/`))

export const environmentIsRead: Law = lineLaw({
  applies: (path) => inSource(path) && !inRoom(path, 'config'),
  forbidden: /\bprocess\s*(?:\.|\?\.|\[\s*['"])\s*env\b|\benv\b.*\bfrom 'node:process'/,
  because: 'the environment is read in src/config alone',
})

/** The sandbox answers as Keevx does, and the upstream room reads such answers: neither speaks for the gateway. */
export const statusesAreAnswered: Law = lineLaw({
  applies: (path) => inSource(path) && !inRoom(path, 'http', 'sandbox', 'upstream'),
  forbidden:
    /\.(?:code|status|writeHead|sendStatus)\(\s*[1-5]\d\d\b|\bstatus(?:Code)?['"]?(?::|\s*=(?!=))\s*[1-5]\d\d\b/i,
  because: 'HTTP statuses of our own answers stand in src/http alone',
})

export const queriesRunOnBothDialects: Law = lineLaw({
  applies: (path) => inSource(path) && !inRoom(path, 'db'),
  forbidden: /\.(?:all|get|run)\(\s*\)/,
  because: 'only SQLite has all(), get() and run(); await the query instead',
})

/** The sandbox cannot: it may import no room but its own. */
export const timersReadFirst: Law = lineLaw({
  applies: (path) => inSource(path) && !inRoom(path, 'sandbox') && path !== 'src/net/deadline.ts',
  forbidden: /\bAbortSignal\s*\.\s*timeout\b/,
  because: 'after a pause it fires before what has arrived is read; timeoutSignal does not',
})

export const filesAreShort: Law = (files) =>
  files
    .filter(({ path }) => /^(?:src|sandbox|test|scripts|bin)\/.*\.[jt]s$/.test(path))
    .map(({ path, text }) => ({ path, lines: text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > linesMax)
    .map(({ path, lines }) => `${path}: has ${lines} lines, more than ${linesMax}`)

/** A sentence, and behind it the file itself rather than more of the comment. */
export const filesSayWhatTheyAreFor: Law = (files) =>
  files
    .filter(({ path }) => /^(?:src|sandbox|test|scripts)\/.*\.ts$/.test(path))
    .filter(({ text }) => !/^\/\/ \S.*[^.]\.\n(?!\/\/)/.test(text))
    .map(({ path }) => `${path}: begins with no comment of one sentence`)

const emptyWords =
  /^(?:utils?|utilit(?:y|ies)|helpers?|common|misc|services?|managers?|handlers?|data|infos?)$/i

export const namesSaySomething: Law = (files) =>
  files
    .filter(({ path }) => /^(?:src|sandbox|test|scripts|bin)\//.test(path))
    .flatMap(({ path, text }) =>
      [
        ...path.split('/').flatMap((part) => emptyWordsOf(basename(part, '.ts'))),
        ...(inSource(path) ? exportedNames(text).flatMap((name) => emptyWordsOf(name)) : []),
      ].map((word) => `${path}: “${word}” says nothing`),
    )

function emptyWordsOf(name: string): string[] {
  const words = name.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? []
  return words.filter((word) => emptyWords.test(word))
}

function exportedNames(text: string): string[] {
  const declared = /^export (?:async )?(?:const|let|function\*?|class|abstract class|interface|type) (\w+)/gm
  return [...withoutComments(text).matchAll(declared)].map(([, name = '']) => name)
}
