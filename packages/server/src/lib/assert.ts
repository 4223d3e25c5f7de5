/** A fact that only a bug can break; the text says which. */
export function assert(fact: boolean, text: string): asserts fact {
  if (!fact) throw new Error(`bug: ${text}`)
}
