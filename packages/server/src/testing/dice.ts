/** Chance that comes out the same way for the same seed. */
export interface Dice {
  /** From 0, below 1. */
  next(): number
  /** A whole number, both ends among them. */
  between(least: number, most: number): number
  chance(probability: number): boolean
}

// mulberry32: 32 bits of state are plenty for moments and sizes.
export function createDice(seed: number): Dice {
  let state = seed >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    chance: (probability) => next() < probability
  }
}
