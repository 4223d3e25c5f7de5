import { attachmentOf, pathOf, readAttachment } from '../../lib/attach.js'
import { clipboardImage } from '../files/clipboard.js'
import type { SlashCommand } from './command.js'

export const FILES: readonly SlashCommand[] = [
  {
    name: 'attach',
    takes: '[FILE]',
    about: 'attach a file (also: @path); without one, the image on the clipboard',
    whileBusy: true,
    async run(file, { context, cwd, attach }) {
      if (file !== '') return attach(await readAttachment(pathOf(file, { env: context.env, cwd })))
      const image = await clipboardImage(context)
      if (!image) throw new Error('no image on the clipboard that can be read here: /attach FILE takes a file')
      attach(attachmentOf('clipboard.png', image))
    }
  }
]
