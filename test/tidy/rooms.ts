// The laws of the rooms: how much lies in a folder, what the plan says of it, and who may start the sandbox.
import { dirname } from 'node:path'
import { internalImports } from './imports.ts'
import type { Law, SourceFile } from './tree.ts'

const filesInFolderMax = 14

const foldersOf = (files: readonly SourceFile[]): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const { path } of files) {
    if (!/^(?:src|sandbox)\/.*\.ts$/.test(path)) continue
    const folder = dirname(path)
    counts.set(folder, (counts.get(folder) ?? 0) + 1)
  }
  return counts
}

/** Of those that lie in a folder itself, not below it. */
export const foldersAreSmall: Law = (files) =>
  [...foldersOf(files)]
    .filter(([, count]) => count > filesInFolderMax)
    .map(([folder, count]) => `${folder}/: holds ${count} files, more than ${filesInFolderMax}`)

const plan = 'docs/architecture.md'
const lineOfFolder = /^- `((?:src|sandbox)(?:\/[\w-]+)*)\/`: \S/gm

/** The plan names every folder that holds sources, in a line of its own, and no other. */
export const planNamesFolders: Law = (files) => {
  const text = files.find(({ path }) => path === plan)?.text ?? ''
  const named = [...text.matchAll(lineOfFolder)].map(([, folder = '']) => folder)
  const folders = [...foldersOf(files).keys()]
  return [
    ...folders
      .filter((folder) => !named.includes(folder))
      .map((folder) => `${plan}: has no line for ${folder}/`),
    ...named.filter((folder) => !folders.includes(folder)).map((folder) => `${plan}: there is no ${folder}/`),
    ...named
      .filter((folder, at) => named.indexOf(folder) !== at)
      .map((folder) => `${plan}: names ${folder}/ twice`),
  ]
}

const fileInWords = /`((?:src|sandbox|test|scripts|bin)\/[\w./-]+\.(?:ts|js|md))`/g

/** A file that the plan names is there. */
export const planNamesFiles: Law = (files) => {
  const paths = new Set(files.map(({ path }) => path))
  return files
    .filter(({ path }) => path === plan)
    .flatMap(({ text }) => [...text.matchAll(fileInWords)].map(([, file = '']) => file))
    .filter((file) => !paths.has(file))
    .map((file) => `${plan}: there is no ${file}`)
}

export const commandsStartTheSandbox: Law = (files) =>
  internalImports(files)
    .filter(({ from, to }) => to === 'sandbox' && from !== 'sandbox' && from !== 'cli')
    .map(({ path, target }) => `${path}: ${target} is started by src/cli alone`)
