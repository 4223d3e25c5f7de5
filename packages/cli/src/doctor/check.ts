/** What one look found. */
export interface Finding {
  readonly name: string
  readonly ok: boolean
  readonly said: string
  /** What to do where it is not well. */
  readonly mend?: string
}

export const fine = (name: string, said: string): Finding => ({ name, ok: true, said })
export const wrong = (name: string, said: string, mend: string): Finding => ({ name, ok: false, said, mend })
