// The operator's words, loaded with the operator's pages alone.
import { computed } from '@preact/signals'
import { language } from '../../../language/language.ts'
import { en } from './en.ts'
import { zh } from './zh.ts'

export const words = computed(() => (language.value === 'zh' ? zh : en))
