/** @jsxImportSource hono/jsx */
import type { Operator } from '../../site/operator.js'

/** What is stored, why, how long and who else sees it: true of the program as it is shipped. */
export function PrivacyText({ operator, trailYears }: { readonly operator: Operator; readonly trailYears: number }) {
  const { processors } = operator
  return (
    <>
      <h2>What is stored</h2>
      <ul>
        <li>Your username, e-mail address, the age you confirmed and the version of the terms that you accepted.</li>
        <li>Your password as an argon2id hash. Keys and tokens as hashes: nobody can read them back.</li>
        <li>
          Of each request: when, which model, how many tokens, what it cost, and what the program said it is. Never its
          prompt or answer, unless you keep a chat.
        </li>
        <li>Of each browser that is signed in: what it says it is, and its address, encrypted.</li>
        <li>
          The address that an account was made from: encrypted, and as a keyed hash, with a hash of a few headers, to
          find those who make many accounts.
        </li>
        <li>What you changed on your account, and what operators did to it.</li>
      </ul>
      <h2>What for</h2>
      <p>
        To answer your requests, to bill them rightly, to keep your account safe, and to prove what was billed. Nothing
        is sold, and nothing is used to train models by this server.
      </p>
      <h2>Cookies</h2>
      <p>
        Two, for being signed in. There are no trackers, and nothing on these pages comes from elsewhere, unless this
        server uses a captcha of another house.
      </p>
      <h2>Who else sees it</h2>
      {processors.length === 0 ? (
        <p>
          The provider of the model that you ask gets your request. A model that you picked is asked of its own provider
          alone.
        </p>
      ) : (
        <ul>
          {processors.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
      )}
      <h2>How long</h2>
      <ul>
        <li>Your profile: until you close your account; within 30 days of that it is gone.</li>
        <li>
          What you paid and used: {trailYears} years after your account was closed, without your name, for the law wants
          it.
        </li>
        <li>Sessions: 30 days after they ended. Chats that you delete: a day.</li>
      </ul>
      <h2>Your rights</h2>
      <p>
        On <a href="/account">your account’s page</a> you see, correct, export and erase your data yourself. For
        anything else, or a child’s account, <a href="/privacy/request">ask here</a>: you have an answer within 30 days.
        You may complain to your data protection authority.
      </p>
    </>
  )
}
