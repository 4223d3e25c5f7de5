import type { Letter, MailTransport } from '../mail/mail.js'

export type LetterBox = ReturnType<typeof createLetterBox>

/** Mails as they come, in memory. */
export function createLetterBox() {
  const all: Letter[] = []
  const transport: MailTransport = {
    async send(letter) {
      all.push(letter)
    }
  }
  const find = (subject: string | RegExp, to?: string) =>
    all.filter((letter) => letter.subject.match(subject) && (to === undefined || letter.to === to))

  /** The newest to have come, once there are `count`: mails leave beside what causes them. */
  async function next(subject: string | RegExp, { to, count = 1 }: { to?: string; count?: number } = {}) {
    const deadline = performance.now() + 5_000
    for (;;) {
      const letter = find(subject, to)[count - 1]
      if (letter) return letter
      if (performance.now() > deadline)
        throw new Error(
          `no mail "${subject}"; there are: ${all.map((each) => `${each.subject} to ${each.to}`).join('; ')}`
        )
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  return {
    transport,
    all,
    find,
    next,
    /** The end of the link of a mail: its token. */
    tokenOf: ({ link }: Letter) => link?.split('/').at(-1) ?? ''
  }
}
