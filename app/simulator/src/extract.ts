import type { Material } from "./material";

/** Stop words, and code keywords, which are in every diff. */
const STOP_WORDS = new Set(
  `a an and are as at be been but by can could did do does for from had has have he her his how i if in into is it its
  may more most must new no not of on or our she should so some such than that the their them then there these they this
  those to too was we were what when where which who will with would you your after about also all any because over
  const let var function return import export default class interface type true false null undefined async await void
  src lib test tests index main app file files add added update updated fix fixed use used using change changed
  그리고 그러나 하지만 또한 있다 있는 있습니다 한다 했다 합니다 했습니다 된다 됩니다 이다 입니다 것 것이 수 등 및 더 를 을 이 가 은 는 위해 통해 대한 대해 따라 오늘 추가 수정 변경`.split(
    /\s+/,
  ),
);

/** Particles that end a Korean word; the longest that matches is dropped. */
const PARTICLES =
  /(?:에서는|으로는|에서|에게|으로|까지|부터|보다|처럼|이라는|라는|은|는|이|가|을|를|의|에|로|과|와|도|만)$/;

/** Endings of Korean verbs and adjectives, which are not what a text is about. */
const VERB_ENDINGS =
  /(?:니다|한다|된다|는다|했다|됐다|았다|었다|렸다|혔다|였다|하는|되는|하고|하며|하여|해서|되어|때는|한|된|할|될)$/;

/** Characters from which a run of letters is a key or a hash, and no subject. */
const LONGEST_WORD = 40;

function words(text: string): string[] {
  const found = text.match(/[A-Za-z][A-Za-z0-9_.+#-]{2,}|[가-힣]{2,}/g) ?? [];
  return found.flatMap((word) => {
    if (word.length > LONGEST_WORD) return [];
    if (!/^[가-힣]/.test(word)) return [word.replace(/[.\-+]+$/, "")];
    if (VERB_ENDINGS.test(word)) return [];
    const stem = word.replace(PARTICLES, "");
    return stem.length >= 2 ? [stem] : [];
  });
}

/** The words that a text is about, most frequent first, each once whatever its case. */
export function keywords(material: Material, count: number): string[] {
  const counts = new Map<string, { word: string; count: number }>();
  for (const word of words(material.text)) {
    const key = word.toLowerCase();
    if (STOP_WORDS.has(key) || /^\w+\.\w{1,4}$/.test(word)) continue;
    const entry = counts.get(key) ?? { word, count: 0 };
    counts.set(key, { word: entry.word, count: entry.count + 1 });
  }
  return [...counts.values()]
    .sort((left, right) => right.count - left.count)
    .slice(0, count)
    .map((entry) => entry.word);
}

/** The key sentences in their own order: those with most of the text's keywords for their length, early ones first. */
export function keySentences(material: Material, count: number): string[] {
  const telling = new Set(keywords(material, 12).map((word) => word.toLowerCase()));
  const ranked = material.sentences.map((sentence, index) => {
    const own = words(sentence);
    const hits = own.filter((word) => telling.has(word.toLowerCase())).length;
    return { sentence, index, score: hits / Math.sqrt(own.length + 1) + 1 / (index + 2) };
  });
  return ranked
    .sort((left, right) => right.score - left.score)
    .slice(0, count)
    .sort((left, right) => left.index - right.index)
    .map((entry) => entry.sentence);
}

/** Share of the best sentence's words below which another is more off the question than on it. */
const RELEVANT = 0.6;

/** The sentences that share most words with a question, in their own order; none where none shares any. */
export function sentencesAbout(material: Material, question: string, count: number): string[] {
  const questionWords = new Set(keywords({ ...material, text: question }, 20).map((word) => word.toLowerCase()));
  const ranked = material.sentences.map((sentence, index) => {
    const own = new Set(words(sentence).map((word) => word.toLowerCase()));
    const hits = [...own].filter((word) => questionWords.has(word)).length;
    return { sentence, index, hits };
  });
  const best = Math.max(1, ...ranked.map(({ hits }) => hits));
  return ranked
    .filter(({ hits }) => hits >= best * RELEVANT)
    .sort((left, right) => right.hits - left.hits || left.index - right.index)
    .slice(0, count)
    .sort((left, right) => left.index - right.index)
    .map(({ sentence }) => sentence);
}
