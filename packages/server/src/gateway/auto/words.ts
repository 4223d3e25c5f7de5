/*
 * The words that the signals look for, in the languages whose speakers ask most. A message in which none
 * of them stands shows no signal, in whatever language it is. In lower case, hyphens as spaces; `*` ends
 * a word that may go on. What is written in a script without spaces is found anywhere.
 */

/** The lists by the name of their signal. */
export const LISTS = {
  /** A question whose answer is a fact or a short definition. */
  factual: `
    what is, what's, who is, who was, who wrote, who painted, who invented, who discovered, what is the capital,
    what's the capital, what is the, what's the, what is a, what is an, what does, what do you call, what year,
    what time, what day, what colour, what color, what are the, when did, when was, when is, where is, where was,
    where are, which planet, which country, which year, which element, how many, how much is, how tall, how old,
    how far, how long is, how do you spell, how do you say, define, is it true, meaning of, stands for,
    stand for, synonym*, antonym*, capital of, was ist, wer ist, wer war, wer hat, wann war, wann wurde,
    wie viele, wie heißt, wo liegt, wie hoch, was bedeutet, hauptstadt, quién, quien, cuál es, cual es, cuándo,
    cuando fue, cuántos, cuántas, dónde está, qué significa, capital de, qui est, qui a, quelle est, quel est,
    combien, quand, où se, kto, kiedy, ile, gdzie, jaka jest, jaki jest, stolica, stolicą, co to jest, co znaczy,
    chi è, chi ha, quando, quanti, dov'è, qual è, quem, qual é, quantos, onde fica, кто, когда, сколько, где,
    что такое, столица, столицей, ما هي, ما هو, متى, كم, أين, من هو, من كتب, عاصمة, 什么是, 是什么, 是谁, 哪一年, 哪年, 多少,
    在哪里, 首都, 几个, 哪里, 什么意思, とは何, は何, 何です, 何メートル, 誰, いつ, どこ, 何年, いくつ, 意味, 무엇, 누구, 언제, 어디, 수도
  `,
  /** Work that needs care but no thought: translate, sort, pull out, put right; a few lines of some everyday text. */
  simple: `
    translate, how do i say, fix the typo*, fix the spelling, fix the grammar, correct the spelling,
    correct the grammar, correct this sentence, proofread, capitalize, capitalise, in alphabetical order,
    alphabetically, sort these, sort this, extract the, pull out the, list the, list three, list five,
    name three, name five, give me three, convert, classify, is this review, positive or negative, sentiment,
    one word, one sentence, in a sentence, one line, a title, a haiku, a limerick, two line, short poem,
    birthday, thank you note, a slogan, a tagline, a joke, out of office, a tweet, rephrase, reword,
    pretend you are a, pretend to be a, act as a friendly, greet me, übersetze, übersetzen, ein haiku,
    einen witz, ein satz, in einem satz, korrigiere, traduce, traducir, traduis, traduire, un chiste, un haiku,
    una frase, corrige, przetłumacz, popraw, żart, jedno zdanie, jednym zdaniu, traduci, traduz, traduza,
    переведи, переведите, исправь, шутку, ترجم, صحح, نكتة, 翻译, 译成, 改错, 一句话, 笑话, 俳句, 翻訳, 訳して, 一文で, 一言, ダジャレ, 번역,
    한 문장
  `,
  code: `
    code, coding, function*, python, javascript, typescript, java, rust, golang, sql, html, css, regex, bash,
    script, api, endpoint, class, method, variable, compile*, compiler, stack trace, traceback, exception, bug,
    refactor*, unit test*, repo, repository, git, docker*, kubernetes, algorithm, react, component, database,
    query, schema, funktion, programm, código, función, programa, fonction, kod, kodu, funkcj*, skrypt, função,
    функци*, код, دالة, كود, برنامج, 代码, 函数, 编程, 程序, 算法, 数据库, コード, 関数, プログラム, アルゴリズム, 코드, 함수
  `,
  maths: `
    integral, integrate, derivative, differentiate, equation*, polynomial, matrix, eigenvalue*, probabilit*,
    expected value, theorem, lemma, solve for, prime*, modulo, geometry, triangle, calculus, limit of,
    combinator*, how many ways, sum of, product of, percent, average speed, gleichung, ableitung,
    wahrscheinlichkeit, beweise, ecuación, derivada, probabilidad, équation, dérivée, probabilité, równanie,
    pochodn*, prawdopodobieństw*, całk*, equação, уравнение, интеграл, вероятность, معادلة, احتمال, تكامل, 方程,
    积分, 导数, 概率, 矩阵, 定理, 三角形, 証明, 確率, 方程式, 積分, 微分, 행렬, 확률, 방정식
  `,
  /** What asks for an argument rather than for a fact. */
  reasoning: `
    why, how did, explain*, wrong, best way, should i, how should, opinion, recommend*, advice, suggest*,
    compare, contrast, analy*, analysis, evaluate, argue, pros and cons, how does,
    how do, reason*, figure out, debug*, diagnose, implications, difference between, differences between, warum,
    erkläre, vergleiche, analysiere, unterschied, por qué, explica, compara, analiza, diferencia, pourquoi,
    explique, comparez, différence, dlaczego, wyjaśnij, porównaj, przeanalizuj, różnic*, perché, spiega, почему,
    объясни, сравни, لماذا, اشرح, قارن, 为什么, 解释, 比较, 分析, 区别, なぜ, 説明, 比較, 違い, 왜, 설명, 비교
  `,
  /** Hard work, by the words that only hard work has. */
  hard: `
    prove, proof, disprove, determine all, find all, for all x, show that, unique solution, every arrangement,
    invariant*, objection*, backpressure, crash safe, rigorous*, derive, derivation, formally, formal proof,
    np hard, np complete, optimal strategy, game tree, lower bound, upper bound, asymptotic*, counterexample,
    by induction, irrational, converges, convergence, concurren*, race condition*, deadlock*, lock free,
    distributed, consensus, linearizab*, consistency model, fault toleran*, exactly once, sharding,
    zero downtime, architect*, design a system, system design, threat model, memory leak, memory ordering,
    garbage collector, type inference, compiler pass, segfault, undefined behavio*, heisenbug, intermittent*,
    flaky, microservice*, knights and knaves, logic puzzle, puzzle, paradox, steelman, strongest objection*,
    historiograph*, epistemolog*, dialectic*, hermeneutic*, hamiltonian, lagrangian, schrödinger, perturbation,
    renormali*, thermodynamic*, mechanism of action, pathophysiolog*, phylogen*, stoichiometr*, confounder*,
    causal inference, bayesian, identifiability, reconcile, contradict*, unreliable narrator, sestina,
    villanelle, sonnet cycle, iambic pentameter, beweise, beweis, herleiten, leite, verteilt*, nebenläufig*,
    verklemmung, demuestra, demostrar, demostración, deduce, distribuido, concurrencia, prouve, démontre*,
    démonstration, udowodnij, dowód, wyprowadź, rozproszon*, współbieżn*, dimostra, demonstre, prove que,
    докажи*, доказательство, выведи, распределённ*, أثبت, برهن, برهان, اشتق, 证明, 推导, 严格, 分布式, 死锁, 并发, 竞态, 一致性,
    悖论, 証明, 導出, 厳密, 分散システム, デッドロック, 並行, パラドックス, 증명, 분산
  `,
  /** Several steps. */
  steps: `
    step by step, first, then, finally, after that, and then, in detail, detailed plan, multi step, each of the,
    for each, all of the, schritt für schritt, zuerst, dann, anschließend, paso a paso, primero, luego, después,
    étape par étape, ensuite, krok po kroku, najpierw, następnie, potem, passo a passo, шаг за шагом, сначала,
    затем, خطوة بخطوة, أولا, ثم, 一步一步, 逐步, 首先, 然后, 最后, ステップ, まず, 次に, 最後に, 단계, 먼저
  `,
  /** Conditions that must all hold. */
  conditions: `
    must, neither, never, only from, without using, at least, at most, exactly, except, only if, unless,
    assuming, subject to, constraint*, such that, guarantee*, no more than, edge case*, trade off*, tradeoff*,
    justify, defend, critique, muss, ohne, mindestens, genau, höchstens, begründe, debe, sin usar, al menos,
    exactamente, justifica, doit, sans, au moins, musi, bez użycia, co najmniej, dokładnie, uzasadnij, должен,
    без, не менее, обоснуй, يجب, بدون, على الأقل, 必须, 不使用, 至少, 最多, 恰好, 权衡, 论证, 必ず, 使わずに, 少なくとも, ちょうど, トレードオフ,
    반드시, 적어도
  `,
  /** What is to be done, word by word: three different ones are three tasks. */
  tasks: `
    find, show, prove, derive, determine, reconstruct, locate, evaluate, assess, propose, discuss, justify,
    explain, compare, contrast, critique, design, redesign, implement, fix, replace, plan, list every, test,
    weigh, analy*, argue, identify, diagnose, construct, revise, defend, name which, mark each, untersuche,
    begründe, entwirf, vergleiche, leite, zeige, beweise, demuestra, explica, compara, justifica, reconstruye,
    analiza, diseña, démontre, discute, explique, udowodnij, uogólnij, zaprojektuj, uzasadnij, porównaj,
    wyjaśnij, докажи*, объясни, сравни, обоснуй, صمم, حلل, برهن, أثبت, قارن, 设计, 分析, 给出, 说明, 比较, 证明, 推导, 証明, 導出,
    比較, 論じ
  `
} as const

export type ListName = keyof typeof LISTS
