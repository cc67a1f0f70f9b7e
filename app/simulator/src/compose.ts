import { keySentences, keywords, sentencesAbout } from "./extract";
import { type FileChange, type Material, shortened } from "./material";

/** A short heading for the material. */
export function title(material: Material): string {
  const [first, ...others] = material.files.flatMap((file) => file.messages);
  if (first !== undefined) {
    const more = new Set(others.filter((message) => message !== first)).size;
    if (more === 0) return first;
    return material.language === "ko" ? `${first} 외 ${more}건` : `${first} and ${more} more`;
  }
  const fallback = material.language === "ko" ? "오늘 배운 것" : "What I learned today";
  return material.title ?? material.sentences[0]?.slice(0, 80) ?? fallback;
}

/** Files that a TIL names and commits that each is explained by: with more, an answer outgrows what any task allows. */
const MOST_FILES = 10;
const MOST_MESSAGES = 3;

/** A TIL in Markdown: every line of it can be found in the material. */
export function tilContent(material: Material): string {
  const ko = material.language === "ko";
  const files = material.files.slice(0, MOST_FILES).map((file) => fileLine(file, ko));
  const more = material.files.length - files.length;
  if (more > 0) files.push(ko ? `그 밖의 파일 ${more}개` : `${more} more files`);
  const done = files.length > 0 ? files : bullets(material, 5);
  return [
    ko ? "## 오늘 한 일" : "## What I did",
    ...done.map((line) => `- ${line}`),
    "",
    ko ? "## 배운 점" : "## What I learned",
    ...learned(material, ko).map((line) => `- ${line}`),
    "",
    ko ? "## 다음에 할 일" : "## What comes next",
    ...nextSteps(material, ko).map((line) => `- ${line}`),
  ].join("\n");
}

function fileLine(file: FileChange, ko: boolean): string {
  const why = file.messages.length > 0 ? file.messages.slice(0, MOST_MESSAGES).join("; ") : ko ? "변경" : "changed";
  const size = sizeOf(file, ko);
  const names = file.declared.map((name) => `\`${name}\``).join(", ");
  const declared = names === "" ? "" : ko ? `새로 정의: ${names}` : `declares ${names}`;
  // A summary in a diff's place has no lines to count.
  const about = [size, declared].filter((part) => part !== "").join("; ");
  return `\`${file.path}\`: ${why}${about === "" ? "" : ` (${about})`}`;
}

function sizeOf({ addedLines, removedLines }: FileChange, ko: boolean): string {
  if (addedLines === 0 && removedLines === 0) return "";
  return ko ? `${addedLines}줄 추가, ${removedLines}줄 삭제` : `+${addedLines} −${removedLines} lines`;
}

/** Subjects of each file, or the text's sentences about its subjects. */
function learned(material: Material, ko: boolean): string[] {
  if (material.files.length === 0) return keywords(material, 5);
  const subjects = keywords(material, 12);
  return material.files.slice(0, 5).map((file) => {
    const text = [file.path, ...file.messages, ...file.declared].join(" ").toLowerCase();
    const own = subjects.filter((word) => text.includes(word.toLowerCase())).slice(0, 4);
    const words = own.length > 0 ? own.join(", ") : (file.path.split("/").at(-1) ?? file.path);
    return ko
      ? `${words}: \`${file.path}\`의 변경에서 다룬 주제`
      : `${words}: what the change of \`${file.path}\` is about`;
  });
}

function nextSteps(material: Material, ko: boolean): string[] {
  const untested = material.files.filter((file) => file.declared.length > 0 && !/test|spec/i.test(file.path));
  const steps = untested
    .slice(0, 3)
    .map((file) => (ko ? `\`${file.path}\`의 테스트 확인` : `Check the tests of \`${file.path}\``));
  return steps.length > 0
    ? steps
    : [ko ? "정리한 내용을 다시 읽고 적용할 곳 찾기" : "Read this again and find where it applies"];
}

/** The key sentences as one text. */
export function summarySentences(material: Material, sentences: number): string {
  return keySentences(material, sentences).join(" ") || title(material);
}

export function bullets(material: Material, count: number): string[] {
  const found = keySentences(material, count);
  return found.length > 0 ? found : [title(material)];
}

/** Question `index` (from 0) about the material. */
export function question(material: Material, index: number): string {
  const ko = material.language === "ko";
  const words = keywords(material, 20);
  const word = words[index % Math.max(1, words.length)] ?? title(material);
  const forms = ko
    ? [
        `${word}: 동작 방식을 설명해 주세요.`,
        `${word}: 이 방식을 선택한 이유와 대안은 무엇인가요?`,
        `${word}: 생길 수 있는 문제와 대처 방법은 무엇인가요?`,
      ]
    : [
        `How does ${word} work?`,
        `Why choose ${word}, and what are the alternatives?`,
        `What can go wrong with ${word}, and how would you deal with it?`,
      ];
  // Once the words run out, another form of question keeps them all different.
  const round = Math.floor(index / Math.max(1, words.length));
  return forms[(index + round) % forms.length] ?? word;
}

/** Of an answer to a question: of Korean, a prompt leaves some 180 tokens to a question with its answer. */
const ANSWER_CHARS = 160;

/** The answer to question `index`: the material's sentences about its word. */
export function answer(material: Material, index: number): string {
  const words = keywords(material, 20);
  const word = words[index % Math.max(1, words.length)];
  const lines =
    material.files.length > 0
      ? material.files.map((file) => fileLine(file, material.language === "ko"))
      : material.sentences;
  const about = word === undefined ? [] : lines.filter((line) => line.toLowerCase().includes(word.toLowerCase()));
  return shortened((about.length > 0 ? about : lines).slice(0, 3).join(" "), ANSWER_CHARS) || title(material);
}

/** Why the files were changed, in some of their messages' words: a file may have been changed a hundred times. */
export function purpose(material: Material): string {
  const messages = material.files.flatMap((file) => file.messages);
  return messages.slice(0, MOST_MESSAGES).join("; ") || title(material);
}

/** What was changed in the files, a sentence each. */
export function changeSentences(material: Material): string {
  const lines = material.files.map((file) => fileLine(file, material.language === "ko"));
  return lines.join("\n") || summarySentences(material, 3);
}

/** Sentences of a reply to a chat. */
const REPLY_SENTENCES = 3;

/** The conversation's sentences about the question; where it has none, a sentence that says so. */
export function reply(material: Material, question: string): string {
  const found = sentencesAbout(material, question, REPLY_SENTENCES);
  if (found.length > 0) return found.join(" ");
  const words = keywords({ ...material, text: question }, 3).join(", ");
  const about = words === "" ? question.slice(0, 80) : words;
  return material.language === "ko"
    ? `${about}: 이 대화에는 이에 대한 자료가 없습니다. 시뮬레이션된 엔진은 대화 속의 글에서만 답합니다. 관련 글을 함께 보내 주세요.`
    : `${about}: this conversation holds nothing about it. The simulated engine answers only from the conversation's own text; send some along.`;
}
