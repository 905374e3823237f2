// Prompts of a history: varied, harmless, and without the words that the sandbox takes for orders to fail.
import type { Chance } from './chance.ts'

/** What may stand where. */
interface Scenes {
  readonly subjects: readonly string[]
  readonly places: readonly string[]
}

interface Words {
  readonly scenes: readonly Scenes[]
  readonly lights: readonly string[]
  readonly styles: readonly string[]
  readonly moves: readonly string[]
  readonly between: string
  readonly comma: string
}

const english: Words = {
  scenes: [
    {
      subjects: ['a ceramic teapot', 'a bowl of noodles', 'a stack of old books', 'a loaf of bread'].concat(
        ['a bunch of tulips', 'a desk lamp', 'a pair of hiking boots', 'a slice of lemon cake', 'a violin'],
        ['a glass of iced tea', 'a wristwatch', 'a jar of honey', 'a woollen scarf'],
      ),
      places: [
        'on a windowsill',
        'on a white background',
        'on a marble table',
        'on a wooden shelf',
        'on a linen cloth',
      ],
    },
    {
      subjects: [
        'a lighthouse',
        'a red bicycle',
        'a bamboo bridge',
        'a row of beach huts',
        'a small harbour',
      ].concat(['a fox', 'a heron', 'a hot-air balloon', 'a market stall', 'a wooden cabin', 'a paper kite']),
      places: [
        'by the sea',
        'in tall grass',
        'in a snowy valley',
        'beside a quiet lake',
        'after the rain',
        'in the mountains',
      ],
    },
  ],
  lights: [
    'at sunrise',
    'in soft morning light',
    'at dusk',
    'in late autumn sun',
    'on an overcast day',
    'in warm evening light',
  ],
  styles: [
    'product photo',
    'watercolour',
    'flat vector illustration',
    'isometric drawing',
    'film photograph, 35 mm',
  ].concat([
    'children’s book illustration',
    'minimal poster',
    'oil painting',
    'pencil sketch',
    'paper cut-out',
  ]),
  moves: [
    'the camera pans to the left',
    'the camera moves closer',
    'a gentle breeze',
    'seen from above',
    'time-lapse of the light',
  ],
  between: ' ',
  comma: ', ',
}

const chinese: Words = {
  scenes: [
    {
      subjects: [
        '一只青瓷茶壶',
        '一碗牛肉面',
        '一束郁金香',
        '一盘小笼包',
        '一件羊毛大衣',
        '一双跑鞋',
        '一罐蜂蜜',
      ],
      places: ['放在窗台上', '白色背景', '大理石桌面上', '木架上'],
    },
    {
      subjects: ['一艘纸船', '一盏灯笼', '一座石桥', '一辆红色自行车', '一片荷塘', '一只白鹭'],
      places: ['在安静的院子里', '在海边', '雨后的小巷', '雪山脚下', '竹林之间'],
    },
  ],
  lights: ['清晨柔光', '黄昏', '阴天', '秋日阳光', '傍晚暖光'],
  styles: ['产品摄影', '水彩', '扁平插画', '胶片质感', '极简海报', '国画风格', '剪纸风格'],
  moves: ['镜头缓缓推近', '镜头向左平移', '微风吹过', '俯拍视角'],
  between: ',',
  comma: ',',
}

interface Wanted {
  readonly language: 'en' | 'zh'
  readonly isVideo: boolean
}

export function promptOf(chance: Chance, { language, isVideo }: Wanted): string {
  const words = language === 'zh' ? chinese : english
  const { subjects, places } = chance.pick(words.scenes)
  const scene = [chance.pick(subjects), chance.pick(places), chance.pick(words.lights)].join(words.between)
  return [scene, chance.pick(isVideo ? words.moves : words.styles)].join(words.comma)
}
