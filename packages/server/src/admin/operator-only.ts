import { requireScope } from '../keys/authenticate.js'

/** Operators act on the machine that holds the data, until they can prove themselves with a second factor elsewhere. */
export const operatorOnly = requireScope(['local'], 'operator commands need --local on the machine that holds the data')
