// The images that the sandbox draws: real files, in the ratio asked for, with the prompt on and in them.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSandbox } from '../../sandbox/sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { paintPicture } from '../../sandbox/draw/picture.ts'
import { breakLines, textWidth } from '../../sandbox/draw/text.ts'
import { makeImage, makeVideo, query } from './client.ts'
import { readPng } from './png.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ imageMs: 0, videoMs: 0 })
})
afterAll(() => sandbox.close())

async function see(body: Record<string, unknown>, field = 'image_url') {
  const { data } = (await query(sandbox, 'image_generate', await makeImage(sandbox, body))).body
  const answer = await fetch(data[field])
  expect(answer.headers.get('content-type')).toBe('image/png')
  const file = Buffer.from(await answer.arrayBuffer())
  expect(answer.headers.get('content-length')).toBe(String(file.length))
  return readPng(file)
}

test.each([
  ['1K', '1:1', 1024, 1024],
  ['1K', '3:2', 1024, 683],
  ['1K', '9:16', 576, 1024],
  ['2K', '21:9', 1280, 549],
  ['4K', '4:5', 1229, 1536],
])('%s in %s has %i by %i pixels', async (image_quality, image_ratio, width, height) => {
  expect(await see({ image_quality, image_ratio })).toMatchObject({ width, height })
})

test('the whole prompt is inside, whatever its letters', async () => {
  const prompt = '一只金色的小狗 \u0000 & <b>"quoted"</b> ' + 'é😀 '.repeat(250)
  expect((await see({ prompt: prompt.slice(0, 1_000), image_quality: '1K' })).words['Description']).toBe(
    prompt.slice(0, 1_000).replaceAll('\0', ''),
  )
})

test('letters that no alphabet has, endless words and blanks are drawn all the same', async () => {
  for (const prompt of ['\ud800\udc00\ud800', 'x'.repeat(1_000), ' ', '漢'.repeat(1_000), '\u202e\u0301']) {
    expect((await see({ prompt, image_quality: '1K' })).width).toBe(576)
  }
})

test('a picture has many colours, and no two prompts nor tasks look alike', async () => {
  const shots = [
    await see({ prompt: 'a lake', image_quality: '1K' }),
    await see({ prompt: 'a lake', image_quality: '1K' }),
    await see({ prompt: 'a forest', image_quality: '1K' }),
  ]
  for (const { pixels } of shots) {
    const colours = new Set<number>()
    for (let at = 0; at < pixels.length; at += 3) {
      colours.add(((pixels[at] ?? 0) << 16) | ((pixels[at + 1] ?? 0) << 8) | (pixels[at + 2] ?? 0))
    }
    expect(colours.size).toBeGreaterThan(200)
  }
  for (const [a, b] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const) {
    expect(Buffer.compare(shots[a]?.pixels ?? Buffer.of(), shots[b]?.pixels ?? Buffer.of())).not.toBe(0)
  }
})

test('the prompt is written in white at the foot of the picture', () => {
  const white = (prompt: string) => {
    const { pixels } = paintPicture({ width: 400, height: 400, prompt, seed: 's', caption: '' })
    let count = 0
    for (let at = 400 * 300 * 3; at < pixels.length; at += 3) {
      if (pixels[at] === 255 && pixels[at + 1] === 255 && pixels[at + 2] === 255) count += 1
    }
    return count
  }
  expect(white('WWWWWWWWWWWW')).toBeGreaterThan(white('W') + 500)
  expect(white('W')).toBeGreaterThan(white(' '))
})

test('a prompt too long for the picture ends in dots, and no line is wider than its room', () => {
  const { lines, whole } = breakLines('The quick brown fox jumps over the lazy dog. '.repeat(20), {
    size: 14,
    width: 300,
    linesMax: 3,
  })
  expect(whole).toBe(false)
  expect(lines).toHaveLength(3)
  expect(lines[2]).toMatch(/\.\.\.$/)
  for (const line of lines) expect(textWidth(line, { size: 14 })).toBeLessThanOrEqual(303)
  expect(breakLines('Two words', { size: 14, width: 300, linesMax: 3 })).toEqual({
    lines: ['Two words'],
    whole: true,
  })
})

test('the same URL gives the same file, and the thumbnail is a small one in the same ratio', async () => {
  const { data } = (await query(sandbox, 'image_generate', await makeImage(sandbox, { image_quality: '1K' })))
    .body
  const [first, second] = await Promise.all([0, 1].map(async () => (await fetch(data.image_url)).bytes()))
  expect(first).toEqual(second)
  const thumbnail = readPng(Buffer.from(await (await fetch(data.thumbnail_url)).arrayBuffer()))
  expect(thumbnail).toMatchObject({ width: 180, height: 320 })
})

test('nothing is served for a task that has not succeeded, nor under another ending', async () => {
  const origin = sandbox.baseUrl.replace('/v1', '')
  const [failed, image, video] = [
    await makeImage(sandbox, { prompt: 'fail' }),
    await makeImage(sandbox),
    await makeVideo(sandbox),
  ]
  for (const name of [
    `${failed}.png`,
    `${image}.mp4`,
    `${video}.png`,
    `${image}.gif`,
    image,
    'nothing.png',
    '../x',
  ]) {
    expect([name, (await fetch(`${origin}/media/${name}`)).status]).toEqual([name, 404])
  }
})
