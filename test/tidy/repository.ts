// The laws of what is tracked beside the sources: migrations, manifests, and whose machine it speaks of.
import { type Lock, missingPlatforms } from './lock.ts'
import { type Law, lineLaw } from './tree.ts'

export const tablesAreStrict: Law = (files) =>
  files
    .filter(({ path }) => /^migrations\/sqlite\/.*\.sql$/.test(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(/CREATE TABLE\s+(?:IF NOT EXISTS\s+)?[`"]?(\w+)[^;]*(?:;|$)/gi)]
        .filter(([statement]) => !/\)\s*(?:WITHOUT ROWID\s*,\s*)?STRICT\b[^)]*$/i.test(statement))
        .map(([, table = '']) => `${path}: the table ${table} is not STRICT`),
    )

export const noRegistryIsNamed: Law = lineLaw({
  applies: () => true,
  forbidden:
    /\bregistry\.[a-z\d-]+\.[a-z]{2,}|\bnpm\.pkg\.github|\bartifactory\b|^\s*(?:@[\w-]+:)?registry\s*=/i,
  because: 'names the host of a package registry',
})

/** A document may show where something is kept on a server; nothing needs to say where somebody keeps this repository. */
export const noMachineIsNamed: Law = lineLaw({
  applies: () => true,
  forbidden: /(?<![\w.)}/-])\/(?:home|root|Users|work|workspace)\/[\w.-]|\b[A-Z]:\\Users\\/,
  because: 'names a folder of one machine',
})

export const versionsAreExact: Law = (files) =>
  files
    .filter(({ path }) => /(?:^|\/)package\.json$/.test(path))
    .flatMap(({ path, text }) => {
      const manifest = JSON.parse(text) as Partial<Record<string, Record<string, unknown>>>
      const groups = [
        'dependencies',
        'devDependencies',
        'optionalDependencies',
        'peerDependencies',
        'overrides',
      ]
      return (
        groups
          .flatMap((group) => Object.entries(manifest[group] ?? {}))
          // What one package gets in the place of what it asks for.
          .flatMap(([name, version]) =>
            typeof version === 'object' && version !== null
              ? Object.entries(version)
              : [[name, version] as const],
          )
          .filter(([name, version]) => version !== `$${name}`)
          .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(String(version)))
          .map(([name, version]) => `${path}: ${name} is ${String(version)}, not one version`)
      )
    })

/** Packages of other platforms may be unknown by content: not every registry carries them. */
export const lockIsWhole: Law = (files) =>
  files
    .filter(({ path }) => /(?:^|\/)package-lock\.json$/.test(path))
    .flatMap(({ path, text }) => {
      const lock = JSON.parse(text) as Lock
      return [
        ...Object.entries(lock.packages)
          .filter(([name]) => name !== '')
          .flatMap(([name, { resolved, integrity, optional = false }]) => [
            ...(resolved === undefined ? [] : [`${path}: ${name} says where it was resolved`]),
            ...(integrity === undefined && !optional ? [`${path}: ${name} has no integrity`] : []),
          ]),
        ...missingPlatforms(lock).map(
          ({ name }) =>
            `${path}: ${name} is missing, so npm ci refuses it; run node scripts/complete-lock.ts`,
        ),
      ]
    })
