// Prompts of a history: varied, harmless, and without the words that the sandbox takes for orders to fail.
import type { Chance } from './chance.ts'

interface Words {
  readonly subjects: readonly string[]
  readonly places: readonly string[]
  readonly lights: readonly string[]
  readonly styles: readonly string[]
  readonly moves: readonly string[]
  join(parts: readonly string[]): string
}

const english: Words = {
  subjects: [
    'a ceramic teapot',
    'a red bicycle',
    'a paper boat',
    'a lighthouse',
    'a bowl of noodles',
    'a wooden chair',
    'a greenhouse full of ferns',
    'a sleeping cat',
    'a hot-air balloon',
    'a row of beach huts',
    'a stack of old books',
    'a loaf of bread',
    'a heron',
    'a bunch of tulips',
    'a desk lamp',
    'a pair of hiking boots',
    'a small harbour',
    'a slice of lemon cake',
    'a bamboo bridge',
    'a violin',
    'a kite',
    'a glass of iced tea',
    'a fox',
    'a market stall',
  ],
  places: [
    'on a windowsill',
    'in a quiet garden',
    'on a white background',
    'by the sea',
    'in a narrow street after rain',
    'on a marble table',
    'in tall grass',
    'under a large tree',
    'in a snowy valley',
    'on a wooden shelf',
    'in the mountains',
  ],
  lights: [
    'at sunrise',
    'in soft morning light',
    'at dusk',
    'under neon signs',
    'in studio light',
    'on an overcast day',
    'by candlelight',
    'in late autumn sun',
  ],
  styles: [
    'product photo',
    'watercolour',
    'flat vector illustration',
    'isometric drawing',
    'film photograph, 35 mm',
    'children’s book illustration',
    'minimal poster',
    'oil painting',
    'pencil sketch',
    'paper cut-out',
  ],
  moves: [
    'the camera pans to the left',
    'the camera moves closer',
    'a gentle breeze',
    'seen from above',
    'time-lapse of the clouds',
  ],
  join: (parts) => parts.join(', '),
}

const chinese: Words = {
  subjects: [
    '一只青瓷茶壶',
    '一碗牛肉面',
    '一艘纸船',
    '一盏灯笼',
    '一只打盹的猫',
    '一座石桥',
    '一束郁金香',
    '一盘小笼包',
    '一辆红色自行车',
    '一片荷塘',
    '一件羊毛大衣',
    '一双跑鞋',
  ],
  places: [
    '放在窗台上',
    '在安静的院子里',
    '白色背景',
    '在海边',
    '雨后的小巷',
    '大理石桌面上',
    '雪山脚下',
    '竹林之间',
  ],
  lights: ['清晨柔光', '黄昏', '霓虹灯下', '影棚灯光', '阴天', '秋日阳光'],
  styles: ['产品摄影', '水彩', '扁平插画', '胶片质感', '极简海报', '国画风格', '剪纸风格'],
  moves: ['镜头缓缓推近', '镜头向左平移', '微风吹过', '俯拍视角'],
  join: (parts) => parts.join(','),
}

interface Wanted {
  readonly language: 'en' | 'zh'
  readonly isVideo: boolean
}

export function promptOf(chance: Chance, { language, isVideo }: Wanted): string {
  const words = language === 'zh' ? chinese : english
  const parts = [chance.pick(words.subjects), chance.pick(words.places), chance.pick(words.lights)]
  const last = isVideo ? chance.pick(words.moves) : chance.pick(words.styles)
  const [subject, place, light] = parts
  const scene =
    words === english ? `${subject} ${place} ${light}` : words.join([subject ?? '', place ?? '', light ?? ''])
  return words.join([scene, last])
}
