import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type CountryResponse, Reader } from 'mmdb-lib'

/**
 * Countries by the registries of addresses (CC0: npm, @ip-location-db/geo-whois-asn-country-mmdb). It is looked up
 * on this machine: an address that is somebody's is asked of nobody else.
 */
const DATA = '@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb'

/** Flat in this database, where others of the format have it within `country`. */
type Found = CountryResponse & { readonly country_code?: string }

const NAMES = new Intl.DisplayNames(['en'], { type: 'region' })

let reader: Reader<Found> | undefined

/** The country of an address, or of a network such as 2001:db8::/64; undefined for one that is nobody's. Never throws. */
export function countryOf(address: string): string | undefined {
  const [plain = ''] = address.split('/')
  try {
    // 8 MB that a gateway without pages never needs.
    reader ??= new Reader<Found>(readFileSync(createRequire(import.meta.url).resolve(DATA)))
    const code = reader.get(plain)?.country_code
    return code === undefined ? undefined : NAMES.of(code)
  } catch {
    return undefined
  }
}

/** An address as people are shown it, with its country where that is known; `here` for none. */
export function placeText(address: string | null, here = 'this machine'): string {
  if (address === null) return here
  const country = countryOf(address)
  return country === undefined ? address : `${address}, ${country}`
}
