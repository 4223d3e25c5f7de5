import { z } from '@hono/zod-openapi'
import { Instant } from './schema.js'

const Password = z.string().max(1_024).openapi({ description: '8 to 128 characters, any' })
const Captcha = z.string().max(16_384).optional().openapi({ description: 'The answer to the challenge of this server' })

export const Register = z
  .strictObject({
    username: z.string().max(64),
    email: z.string().max(320).optional(),
    password: Password,
    age: z.union([z.literal(13), z.literal(18)]).openapi({ description: 'The age that is confirmed at least' }),
    terms: z.string().max(32).openapi({ description: 'The version of the terms that is accepted' }),
    captcha: Captcha
  })
  .openapi('Register')

export const Login = z
  .strictObject({
    name: z.string().min(1).max(320).openapi({ description: 'Username or e-mail address' }),
    password: Password,
    captcha: Captcha
  })
  .openapi('Login')

export const SessionTokens = z
  .object({
    access_token: z.string().openapi({ description: 'Sent as `Authorization: Bearer …`' }),
    refresh_token: z.string().openapi({ description: 'Good once, for the next two' }),
    expires_in: z.int().openapi({ description: 'Seconds until the access token is over' })
  })
  .openapi('SessionTokens')
export type SessionTokens = z.infer<typeof SessionTokens>

export const LoginAnswer = z
  .union([SessionTokens, z.object({ second_factor: z.string().openapi({ description: 'A ticket to send it with' }) })])
  .openapi('LoginAnswer')

export const Refresh = z.strictObject({ refresh_token: z.string().min(1).max(256) }).openapi('Refresh')

export const Profile = z
  .object({
    id: z.string(),
    username: z.string(),
    email: z.string().nullable(),
    email_verified: z.boolean(),
    plan: z.string(),
    status: z.string(),
    created_at: Instant,
    terms_version: z.string().nullable()
  })
  .openapi('Profile')
export type Profile = z.infer<typeof Profile>

export const BrowserSession = z
  .object({
    id: z.string(),
    agent: z.string(),
    address: z.string().nullable(),
    place: z.string().nullable().openapi({ description: 'The country of the address, where that is known' }),
    created_at: Instant,
    last_used_at: Instant,
    current: z.boolean()
  })
  .openapi('BrowserSession')
export const BrowserSessionList = z.object({ sessions: z.array(BrowserSession) }).openapi('BrowserSessionList')

/** A proof of work of ALTCHA, version 2. */
export const CaptchaChallenge = z
  .object({
    parameters: z.object({
      algorithm: z.string(),
      nonce: z.string(),
      salt: z.string(),
      cost: z.int(),
      keyLength: z.int(),
      keyPrefix: z.string(),
      keySignature: z.string().optional(),
      memoryCost: z.int().optional(),
      parallelism: z.int().optional(),
      expiresAt: z.int().optional(),
      data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional()
    }),
    signature: z.string().optional()
  })
  .openapi('CaptchaChallenge')

const Token = z.string().min(1).max(128).openapi({ description: 'The end of the link that was mailed' })

export const PasswordReset = z
  .strictObject({
    name: z.string().min(1).max(320).openapi({ description: 'Username or e-mail address' }),
    captcha: Captcha
  })
  .openapi('PasswordReset')
export const PasswordResetConfirm = z.strictObject({ token: Token, password: Password }).openapi('PasswordResetConfirm')
export const PasswordChange = z
  .strictObject({ current: Password.openapi({ description: 'The one in use' }), password: Password })
  .openapi('PasswordChange')
export const EmailChange = z.strictObject({ email: z.string().max(320) }).openapi('EmailChange')
export const MailedToken = z.strictObject({ token: Token }).openapi('MailedToken')
export const UsernameChange = z.strictObject({ username: z.string().max(64) }).openapi('UsernameChange')
