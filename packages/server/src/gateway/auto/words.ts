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
    积分, 导数, 概率, 矩阵, 定理, 三角形, 証明, 確率, 方程式, 積分, 微分, 행렬, 확률, 방정식,
    expected number, variance, random variable*, continuous function*, differentiable, sequence, integer*, real numbers, vector space*, permutation*, binomial*, factorial, divisib*, congruen*, gcd, contour, manifold*, topolog*, cyclic, finite field*, ganze zahl*, stetig*, entiers, enteros, sucesión, całkowit*, ciągł*, ciąg, непрерывн*, последовательност*, простых чисел, 微分方程, 数列, 整除, 整数, 级数, 极限, 向量, 连续函数, 微分方程式, 連続
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
    悖论, 証明, 導出, 厳密, 分散システム, デッドロック, 並行, パラドックス, 증명, 분산,
    for which values, for which integers, for which numbers, for all n, treat all cases, all cases, every case, characterise, characterize, smallest number, least number, fewest, minimum number, maximum number, largest possible, smallest possible, impossible, with no fewer, with fewer, give a closed form, 真话, 假话, 逻辑题, 超越数, 充要条件, 最小值, 最大值, 通解,
    jurisdiction*, liabilit*, statut*, precedent*, plaintiff*, indemnit*, insolvenc*, patent*, under german law, under english law, contraindicat*, comorbid*, drug interaction*, renal, pathogenesis, differential diagnosis, ebitda, valuation, discounted cash flow, hedging, forensic*, attack surface, side channel*, zero day, penetration test*, gradient descent, overfit*, fine tun*, loss function*, quantum, relativit*, entropy, superconduct*, catalys*, enzym*, genom*, metabol*, kinetics, orbital*, finite element*, power analysis, sample size, posterior, instrumental variable*, stratif*, vectoris*, vectoriz*, simd, fuzzer, fuzzing, type checker, polymorphism, heap dump, core dump, bitwise, quorum, raft, paxos, crdt, idempot*, event sourcing, query plan*, split brain, dissertation, close reading, ontolog*, metaphysic*, phenomenolog*, deontolog*, utilitarian*, hegemon*, etymolog*, haftung, insolvenz*, verfassungs*, verschlüssel*, angriff, quanten*, erkenntnistheor*, jurisprudence, responsabilité civile, chiffrement, quantique, problématique, jurisprudencia, cifrado, cuántic*, odpowiedzialność cywiln*, szyfrowan*, kwantow*, юрисдикци*, шифрован*, квантов*, опровергни*, 判例, 管辖, 违约责任, 破产, 加密, 量子, 熵, 基因组, 药物相互作用, 鉴别诊断, 估值, 对冲, 细读, 本体论, 现象学, 认识论, 高可用, 幂等, 回滚, 量子力学, 暗号, 判例法, 批判, 認識論
  `,
  /** Several steps. */
  steps: `
    step by step, first, then, finally, after that, and then, in detail, detailed plan, multi step, each of the,
    for each, all of the, schritt für schritt, zuerst, dann, anschließend, paso a paso, primero, luego, después,
    étape par étape, ensuite, krok po kroku, najpierw, następnie, potem, passo a passo, шаг за шагом, сначала,
    затем, خطوة بخطوة, أولا, ثم, 一步一步, 逐步, 首先, 然后, 最后, ステップ, まず, 次に, 最後に, 단계, 먼저
  `,
  /** Conditions that must all hold, and words that leave no way out: every, only, none. */
  conditions: `
    must, neither, nor, never, only, without, at least, at most, exactly, except, unless, assuming, subject to,
    constraint*, such that, guarantee*, no more than, no, not, none, nobody, no one, nothing, cannot, can't, each,
    every, everyone, everybody, everything, all, always, any, both, whole, same, identical, unchanged, alone, muss,
    müssen, ohne, mindestens, genau, höchstens, kein, keine*, nicht, nie, niemand, nur, jede*, alle*, immer, debe*,
    sin, al menos, exactamente, nunca, ningun*, ninguna, nadie, nada, solo, sólo, cada, todo*, toda*, doit, doivent,
    sans, au moins, jamais, aucun*, rien, chaque, tout*, tous, seul*, musi*, bez, co najmniej, dokładnie, żad*, nigdy,
    nikt, nic, tylko, każd*, wszystk*, cały, całego, deve*, senza, nessun*, mai, niente, ogni, tutt*, soltanto, sem,
    nenhum*, ninguém, apenas, должен, должн*, без, не менее, не более, никогда, никто, ничего, нельзя, только, кажд*,
    все, всех, всегда, يجب, بدون, دون, على الأقل, لا, لن, كل, جميع, فقط, 必须, 不得, 不能, 不使用, 至少, 最多, 恰好, 每, 所有, 任何,
    任意, 只, 各, 都, 必ず, 使わずに, 少なくとも, ちょうど, すべて, 全て, それぞれ, だけ, 一度も, 반드시, 적어도, 모든, 각각, 없이, 안 되
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
  `,
  /** Work of many parts, by its verbs and by what it is done to. */
  work: `
    design, redesign, build a, build me, implement, migrate, migration, simulate, simulation, reconstruct, lay out,
    work through, work out, track down, get to the bottom, find out why, find out where, find out what, investigate,
    propose, estimate, forecast, financial model, optimise, optimize, optimal, split, decouple, restructure, restate,
    roll back, rollback, scale, scalab*, cross examine, benchmark*, bisect, reproducib*, end to end,
    in production, without downtime, backward compatib*, backwards compatib*, entire codebase, whole codebase,
    monolith, offline, replicat*, consistent, consistency, latency, throughput, p99, thread safe, protocol, compiler,
    interpreter, scheduler, allocator, kernel, cryptograph*, encrypt*, exploit*, vulnerab*, regression*,
    rebalanc*, data structure*, roadmap, curriculum, synthesi*, experiment*,
    entwirf, entwerfe, konzipiere, entwickle*, implementiere, untersuche, rekonstruiere, optimiere, migration*,
    im laufenden betrieb, conçois, concevez, concevoir, élabore*, élaborer, implémente*, reconstitue, optimise*,
    diseña*, elabora*, desarrolla, implementa*, reconstruye, optimiza, migración, zaprojektuj, zaplanuj, opracuj,
    zaimplementuj, zrekonstruuj, zoptymalizuj, migracj*, progetta*, sviluppa, implementa, ricostruisci, ottimizza,
    projete, desenvolva, implemente, reconstrua, otimize, спроектируй*, разработай*, реализуй*, спланируй*, построй*,
    восстанови*, оптимизируй*, миграци*, صمم, طور, نفذ, خطط, 设计, 实现, 重构, 迁移, 排查, 方案, 架构, 瓶颈, 高并发, 不停机, 优化, 部署, 协议, 引擎,
    設計, 実装, 構築, 移行, 切り分け, 最適化, 本番環境, 설계, 구현, 구축, 마이그레이션, 최적화,
    regex engine, query engine, storage engine, game engine, chapter, novel, screenplay, draft a clause, a contract, literature review, feasibility, 长篇, 剧本, 小说
  `,
  /** Judgement: what can be held, on what grounds, and where it breaks. */
  judgement: `
    strongest, best case, worst case, edge case*, corner case*, evidence, defend, defensib*, hypothes*, assumption*,
    premise*, trade off*, tradeoff*, bottleneck*, weakness*, weak point*, risk*, failure mode*, go wrong, goes wrong,
    root cause*, uncertain*, how sure, confidence interval*, error bar*, significance, bias, biases,
    objection*, counterargument*, counter argument*, rebut*, refute*, critique, critically, criticism*, thesis,
    the argument, this argument, beg the question, begs the question, implication*, justif*,
    legitimate, tenable, plausib*, interpretation*, criteria, criterion, differential, prognos*, mechanism,
    first principles, closed form, necessary and sufficient, correctness, is correct, running time, inconsisten*,
    contradiction*, ambigu*, subtext, never stated, unspoken, double meaning*, foreshadow*, rhyme scheme, metre,
    without once, the letter e, rule out, separate them, distinguish, fit together, cannot all, would settle,
    change your mind, change my mind, doomed, ever right, morally, how far, to what extent, fair to,
    hidden goals, incentive*, second order, long term, justification, hypothese*, annahme*, risiken,
    schwäche*, einwand, einwände, stichhaltig, inwiefern, abwäg*, woran kann, hypothès*, preuve*, risques, objection,
    dans quelle mesure, hipótesis, supuesto*, evidencia, objeción, objeciones, riesgos, valora, en qué medida,
    założeni*, hipotez*, ryzyk*, zarzut*, słabe punkty, na ile, ipotesi, obiezion*, rischi, in che misura, hipótese*,
    objeç*, riscos, em que medida, гипотез*, доказательств*, возражен*, риск*, предпосыл*, в какой мере, فرضية,
    أدلة, اعتراض, نقاط ضعف, إلى أي مدى, 证据, 假设, 风险, 弱点, 局限, 反驳, 评价, 评述, 评析, 分歧, 论据, 论点, 利弊权衡, 可能的原因, 求所有, 充分必要,
    双关, 典故, 隐喻, 根拠, 仮説, 前提, 反論, 限界, 優先順, 原因を, 근거, 가설, 전제, 반론, 한계, 위험,
    argue against, argue for, both sides, for both answers, each side, with sources, cliché*, cliches, the claim, guessable, undecided, unfair, whom you would trust, what should we believe, disagree
  `,
  /** Question words: two different ones are two questions, however few question marks stand there. */
  asks: `
    what, which, how, why, where, who, whom, whether, was, welche*, wie, warum, weshalb, wo, woran, wodurch, womit,
    ob, quel*, quoi, comment, pourquoi, où, qué, cuál*, cómo, dónde, quién*, jak, jaki*, jaka, jakie, które, który*,
    która, dlaczego, gdzie, czy, cosa, quale, quali, come, perché, dove, qual, quais, что, какой, какая, какие, как,
    почему, зачем, где, ماذا, كيف, لماذا, أين, هل, 什么, 怎么, 怎样, 如何, 为什么, 哪, 是否, どう, どの, なぜ, どこ, 何が, 무엇, 어떻게, 왜, 어디
  `,
  /** Of oneself: most of what people ask for themselves is everyday. */
  personal: `
    i, i'm, i've, i'd, i'll, my, me, ich, mein*, mir, mich, je, j'ai, mon, ma, mes, moi, yo, mi, mis, io, mio, mia, eu,
    meu, minha, moja, mój, moje, moim, mnie, я, мне, меня, мой, моя, моей, мою, мои, أنا, 我妈, 我爸, 我要, 帮我, 私の, 나는, 내가
  `,
  /** A modest size, or readers who are to be spared. */
  plain: `
    short, small, simple, simply, quick, quickly, brief, briefly, basic, polite, friendly, warm, relaxed, half a page,
    teenager*, year olds, kids, children, beginner*, layman, layperson, plain english, simple words, simple terms,
    in a nutshell, like i'm five, eli5, my grandmother, my grandma, everyday, without formulas, kurz*, klein*, einfach*,
    freundlich*, höflich*, anfänger*, kinder, court, courte, petit, petite, simple, simplement, poli, polie, débutant*,
    enfants, corto, corta, breve, pequeñ*, sencill*, amable, niños, principiantes, krótk*, mał*, prost*, uprzejm*,
    dzieci, początkując*, semplice, piccolo, piccola, gentile, bambini, curto, curta, pequen*, simples, crianças,
    коротк*, кратк*, прост*, небольш*, вежлив*, детям, ребёнк*, начинающ*, قصير*, بسيط*, للأطفال, 简短, 简单, 短文, 客气, 礼貌,
    简洁, 通俗, 入门, 小白, 孩子, 生活中, 短い, 短く, 簡単, わかりやすく, 初心者, 子ども, 짧은, 짧게, 간단, 쉽게, 초보
  `,
  /** Home, family, food, travel, post, and the small pieces that code is made of: what is asked for every day. */
  everyday: `
    email, mail, letter, message, post, caption, invitation, speech, toast, greeting, card, recipe, menu, dinner, lunch,
    breakfast, meal*, cook*, restaurant*, guest*, party, wedding, birthday, holiday*, vacation, trip, travel*, hotel,
    flight, taxi, bus, train, ticket*, luggage, packing list, friend, friends, mum, mom, dad, mother, son, daughter,
    family, grandma, grandmother, neighbour*, neighbor*, landlord, apartment, fridge, boiler, garden, dog, cat, pet,
    school, teacher, homework, exam, job offer*, cover letter, invoice, shop, review, blog, newsletter, agenda,
    names for, tips, ideas, instagram, linkedin, phone, laptop, photo*, workout, diet, euro, euros, dollars,
    a function, script, component, sql statement, sql query, css, button, flag, readme, changelog, typo, rename, bump,
    brief, nachricht, einladung, rede, rezept, menü, gäste, hochzeit, geburtstag, urlaub, reise, freund*, mutter,
    vater, tochter, sohn, familie, nachbar*, vermieter*, wohnung*, miete, garten, hund, katze, schule, bewerb*,
    rechnung, handy, correo, carta, mensaje, invitación, discurso, receta, menú, cena, boda, cumpleaños, vacaciones,
    viaje, amig*, madre, padre, hij*, familia, vecin*, alquiler, perro, gato, escuela, reseña, restaurante, factura,
    móvil, lettre, discours, recette, repas, mariage, anniversaire, vacances, voyage, amie, amis, mère, fille, fils,
    famille, voisin*, loyer, jardin, chien, école, stage, facture, téléphone, wiadomość, zaproszenie, przemówienie,
    przepis, obiad, kolacj*, gości, wesele, urodziny, wakacje, podróż, przyjaciel*, mama, córk*, rodzin*,
    sąsiad*, mieszkani*, ogród*, szkoł*, faktur*, lettera, messaggio, ricetta, cena, matrimonio, compleanno, vacanze,
    viaggio, amico, amica, mamma, figlio, figlia, scuola, bolletta, convite, receita, jantar, casamento, aniversário,
    férias, viagem, mãe, filho, filha, escola, письмо, сообщение, приглашение, поздравлен*, рецепт, ужин, гост*,
    свадьб*, юбилей, отпуск, поездк*, друг, друзья*, мам*, пап*, дочь, семь*, сосед*, квартир*, школ*, телефон, ноутбук,
    رسالة, دعوة, وصفة, عشاء, زفاف, سفر, صديق*, أمي, أبي, عائلة, مدرسة, 邮件, 祝福, 邀请, 菜谱, 晚饭, 聚会, 婚礼, 生日, 旅行, 酒店, 朋友, 妈妈, 爸爸,
    爷爷, 奶奶, 家人, 邻居, 房东, 租房, 宠物, 学校, 面试, 简历, 周报, 年会, 发票, 客户, 手机, 微信, 自我介绍, メール, 手紙, 招待, レシピ, 夕飯, 料理, 結婚式,
    誕生日, ホテル, 友達, 家族, 引っ越し, 面接, 履歴書, 請求書, 名刺, 冷蔵庫, 이메일, 편지, 초대, 요리, 저녁, 결혼식, 생일, 여행, 호텔, 친구, 엄마, 아빠, 가족, 이웃,
    학교, 면접, 이력서, 휴대폰
  `,
  /** What is done to a text that is brought: how long and how learned that is says nothing of the task. */
  handling: `
    summarise, summarize, sum up, summary, tldr, tl, shorten, rewrite, rephrase, proofread, translate, turn this into,
    put these, clean up this, fasse*, zusammenfass*, kürze, übersetze*, umschreiben, korrigiere, résume*, résumer, traduis,
    traduire, raccourcis, corrige, resume, resumen, traduce, traducir, acorta, streść, streszcz*, skróć, przetłumacz,
    popraw, riassumi, riassunto, traduci, resuma, resumo, traduza, изложи, перескажи, сократи, переведи*, لخص, ترجم, 总结, 概括, 摘要,
    翻译, 润色, 改写, 缩写, 要約, まとめて, 翻訳, 요약, 번역
  `
} as const

export type ListName = keyof typeof LISTS
