// Matching sets of colours, from the top of the sky to the foreground.
import type { Colour } from './canvas.ts'

export interface Palette {
  readonly sky: readonly [top: Colour, middle: Colour, bottom: Colour]
  readonly light: Colour
  /** From far to near. */
  readonly layers: readonly [far: Colour, near: Colour]
  readonly accents: readonly [Colour, Colour, Colour]
}

/** `sky sky sky light far near accent accent accent` */
const written = [
  '1b2350 6b4a8a f3a683 ffe6b8 a56a8f 1d1a3b f7b267 f25c54 70c1b3',
  '0b2545 13588f 8ecae6 fff3d6 5d9cc0 0a1c33 ffb703 fb8500 8ecae6',
  '2d1e4f c1436d ffb26b fff0c9 b5527c 26143c ffd166 ef476f 9b5de5',
  '0f3d3e 2a9d8f e9d8a6 fff8e1 5fa79a 0a2a2b e9c46a e76f51 94d2bd',
  '33415c 7d8597 e8d5c4 ffffff 8f98a8 1f2a40 d6a77a bc6c50 a3b18a',
  '14213d 4a5fa5 f2c6de fff1f7 8a8cc4 151a38 ff99c8 a9def9 e4c1f9',
  '5a189a c77dff ffd6a5 fffbe6 a56ad1 2b0a52 ff9e00 ff6d00 72efdd',
  '10302a 3f7d58 f0e6b2 fffceb 7ba97c 0d231e efc050 d95d39 86bbd8',
  '3c1518 a4462c f2a65a fff2cf bb6a47 2a0e10 ffd29d e07a5f 81b29a',
  '06141b 1f4e5f 9fd3c7 f5fff9 4c8a8f 06141b 79a8a9 f4a259 f4e285',
  '2b2d42 5c6b94 edf2f4 ffffff 8d99ae 20222f ef233c f8961e 8ecae6',
  '1a1a40 270082 fa58b6 ffe3f3 9a2fa0 14123a 7a0bc0 fa58b6 46c2cb',
] as const

export const palettes = written.map(readPalette) as [Palette, ...Palette[]]

function readPalette(line: string): Palette {
  const [top, middle, bottom, light, far, near, one, two, three] = line.split(' ').map(readColour)
  const plain: Colour = [128, 128, 128]
  return {
    sky: [top ?? plain, middle ?? plain, bottom ?? plain],
    light: light ?? plain,
    layers: [far ?? plain, near ?? plain],
    accents: [one ?? plain, two ?? plain, three ?? plain],
  }
}

function readColour(hex: string): Colour {
  const value = Number.parseInt(hex, 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}
