// Resolves aliases and merge keys of a YAML document, and limits how far they expand it.
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair, visit } from 'yaml'

/** More values than any configuration has; aliases of aliases come to billions in a few lines. */
const valuesMax = 200_000

/** Whether the document with all aliases expanded is small enough to read. */
export function isBounded(document: Document): boolean {
  const named = namedNodes(document)
  const sizes = new Map<unknown, number>()
  const sizeOf = (node: unknown): number => {
    const target = isAlias(node) ? named.get(node) : node
    const known = sizes.get(target)
    if (known !== undefined) return known
    // A self-containing node is met here again before it is measured.
    sizes.set(target, Infinity)
    const size = 1 + partsOf(target).reduce<number>((sum, part) => sum + sizeOf(part), 0)
    sizes.set(target, size)
    return size
  }
  return sizeOf(document.contents) <= valuesMax
}

function partsOf(node: unknown): readonly unknown[] {
  if (isSeq(node)) return node.items
  if (isMap(node)) return node.items.flatMap(({ key, value }) => [key, value])
  return []
}

/** An alias names the nearest anchor above it. */
function namedNodes(document: Document): ReadonlyMap<unknown, Node> {
  const anchors = new Map<string, Node>()
  const named = new Map<unknown, Node>()
  visit(document, {
    Node: (_, node) => {
      const found = isAlias(node) ? anchors.get(node.source) : undefined
      if (found) named.set(node, found)
      else if (!isAlias(node) && node.anchor !== undefined) anchors.set(node.anchor, node)
    },
  })
  return named
}

/**
 * The offset of the first alias without an anchor, or merge of a value that is not a map; null if there is
 * none.
 */
export function brokenAlias(document: Document): number | null {
  const named = namedNodes(document)
  const follow = (node: unknown) => (isAlias(node) ? named.get(node) : node)
  const broken: unknown[] = []
  visit(document, {
    Alias: (_, alias) => {
      if (!named.has(alias)) broken.push(alias)
    },
    Pair: (_, pair) => {
      if (!isMerge(pair)) return
      const source = follow(pair.value)
      const merged = isSeq(source) ? source.items : [pair.value]
      broken.push(...merged.filter((each) => !isMap(follow(each))))
    },
  })
  const offsets = broken.flatMap((node) => (isNode(node) && node.range ? [node.range[0]] : []))
  return offsets.length === 0 ? null : Math.min(...offsets)
}

/** A key or an entry of the document. */
export interface Step {
  readonly key?: unknown
  readonly value: unknown
}

/** The entry at a key or an index of a node; null if there is none. */
export function stepInto(document: Document, node: unknown, part: PropertyKey): Step | null {
  const target = isAlias(node) ? node.resolve(document) : node
  if (isSeq(target))
    return typeof part === 'number' && part in target.items ? { value: target.items[part] } : null
  if (!isMap(target)) return null
  const pair = target.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(part))
  if (pair) return { key: pair.key, value: pair.value }
  // A map's own keys override merged ones.
  for (const source of target.items.filter(isMerge).flatMap(({ value }) => sourcesOf(document, value))) {
    const step = stepInto(document, source, part)
    if (step) return step
  }
  return null
}

const isMerge = ({ key }: Pair): boolean => isScalar(key) && typeof key.value === 'symbol'

function sourcesOf(document: Document, value: unknown): readonly unknown[] {
  const target = isAlias(value) ? value.resolve(document) : value
  return isSeq(target) ? target.items : isNode(target) ? [target] : []
}
