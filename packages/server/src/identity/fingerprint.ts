import type { Visitor } from './visitor.js'

/** What stays when a browser updates itself: numbers say less of who it is than of when. */
export function fingerprintOf({ traits }: Pick<Visitor, 'traits'>): string {
  return traits.map((trait) => trait.toLowerCase().replace(/\d+/g, '#').trim()).join('\n')
}
