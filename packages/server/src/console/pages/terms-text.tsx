/** @jsxImportSource hono/jsx */
import { contactFor, type Operator } from '../../site/operator.js'

/** The terms that come with the program: what it does, in plain words. An operator who needs others puts a proxy's page before this one. */
export function TermsText({ operator }: { readonly operator: Operator }) {
  const appeal = contactFor(operator, 'appeal')
  return (
    <>
      <h2>What you get</h2>
      <p>
        An account gives you access to language models of several providers, billed in credits. Each answer is billed
        once, by the price list in force when you asked, and comes with a receipt. Answers that fail at a provider, or
        that this server breaks off, are not billed. What you stop is billed as far as it was delivered.
      </p>
      <h2>Credits</h2>
      <p>
        Credits of a subscription are for their calendar month (UTC) and end with it. Credits that you topped up last as
        long as your account. Subscription credits are spent first. Credits are no money, and are paid out only where
        the law says so. When you close your account, what is left is forfeited; you are told how much before.
      </p>
      <h2>Changes</h2>
      <p>
        What a running subscription gives is not taken away without seven days’ notice. Prices of models can change at
        any time; a request costs what held when it began. A new version of these terms is shown on your account’s page,
        to be accepted there.
      </p>
      <h2>Your part</h2>
      <p>
        You are at least 13 years old, and of age to buy a paid plan. You keep your password and keys to yourself, and
        revoke a key that leaked. You do not resell access without agreement, do not try to get around limits, and keep
        to the rules of the providers whose models you use and to the law.
      </p>
      <h2>Suspension</h2>
      <p>
        An account that breaks these terms, or whose payment was reversed, can be suspended, with the reason told to
        you. {appeal === undefined ? 'You can appeal to the operator.' : `You can appeal to ${appeal}.`} What you have
        paid for is not taken without one.
      </p>
      <h2>What we do not promise</h2>
      <p>
        Models make mistakes: check what matters. The service can be interrupted. As far as the law allows, liability
        ends with what you paid in the last twelve months.
      </p>
      {operator.jurisdiction === null ? null : <p>These terms are under the law of {operator.jurisdiction}.</p>}
    </>
  )
}
