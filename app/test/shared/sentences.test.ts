import { describe, expect, it } from "@jest/globals";
import { firstSentences, splitSentences } from "../../src/shared/sentences";

/** Each row is one text as its sentences, which a space joins. */
const ENGLISH: readonly (readonly string[])[] = [
  ["U.S. regulators approved the deal on Monday."],
  ["The U.S. Senate voted on Monday.", "It passed."],
  ["He moved to the U.S.", "The deal closed a week later."],
  ["The U.K. government agreed.", "Nobody else did."],
  ["Washington D.C. officials met.", "They agreed."],
  ["The E.U. Commission fined the company.", "The fine is large."],
  ["Dr. Kim left.", "She won."],
  ["Mr. and Mrs. Lee wrote it.", "We read it."],
  ["Prof. Park spoke at St. Mary's.", "Gen. Choi listened."],
  ["John F. Kennedy spoke.", "J. K. Rowling did not."],
  ["It was signed by A. Turing.", "Nobody noticed."],
  ["Choose plan B.", "It is cheaper."],
  ["Apple Inc. shares rose.", "Samsung Electronics Co. Ltd. shares fell."],
  ["He works for Acme Corp.", "The firm is small."],
  ["Acme Corp. Chief Executive Ann Lee resigned.", "Her deputy stays."],
  ["Use a cache, e.g. Redis.", "It is fast."],
  ["Use a store (e.g. Postgres) for it.", "That is all."],
  ["Only one writes, i.e. Kim.", "The others read."],
  ["It is Redis vs. Valkey.", "Valkey won."],
  ["Smith et al. Found it first.", "We repeated it."],
  ["See Fig. 3 for more.", "Then go on."],
  ["See Fig. 3.", "Then go on."],
  ["It is described in Vol. 2.", "Eq. 4 proves it."],
  ["See pp. 12 to 14.", "They are short."],
  ["Issue No. 5 is open.", "No. 6 is closed."],
  ["Will it work?", "No.", "Why not?"],
  ["It shipped on Jan. 5.", "Feb. 2 comes next."],
  ["It shipped in March.", "2 days later it broke."],
  ["It was released in 2024.", "12 people used it."],
  ["Use rose to 40%.", "3 nodes were added."],
  ["It starts at 5 p.m. Monday.", "Come early."],
  ["It starts at 5 p.m.", "We come early."],
  ["She has a Ph.D. from KAIST.", "He has none."],
  ["Bring pens, paper, etc.", "The room has none."],
  ["vLLM 0.33 is out.", "It costs 3.5 won!", "Really?"],
  ["Pi is 3.14.", "E is 2.72."],
  ["Version 2.", "It is new."],
  ["Node.js is fast.", "So is Deno."],
  ["Read example.com/a.b first.", "Then file.txt."],
  ["1. Install it.", "2. Run it."],
  ["(a) Install it.", "(b) Run it."],
  ["a) Install it.", "b) Run it."],
  ["IV. Results are good.", "They hold."],
  ['"Stop!" he said.', "She stopped."],
  ['He said "Stop."', "Then he left."],
  ["“Is it on?” she asked.", "It was."],
  ["(It was late.)", "We left."],
  ["Wait...", "What was that?"],
  ["It was slow... and then it was not.", "Good."],
  ["What?!", "No way!"],
  ["It failed; it was retried.", "It worked: at last."],
  ["Approx. 5 GB are used.", "The rest is free."],
  ["Set a=1.", "Set b=2."],
  ["redis is fast.", "it takes a lock, e.g. for an hour.", "then it expires."],
  ["The max. value is 3 in the u.s. edition.", "It holds."],
  ["One sentence without an end"],
];

const KOREAN: readonly (readonly string[])[] = [
  ["서버를 옮겼다.", "비용이 줄었다."],
  ["서버를 옮겼습니다.", "비용이 줄었습니다."],
  ["그랬다고요?", "네!", "좋아요."],
  ["끝났다.", "정말?"],
  ["이제 됐죠.", "다음으로 가요."],
  ["확인했음.", "배포함."],
  ["설정은 기본값임.", "변경 불필요."],
  ["왜 그럴까?", "캐시 때문이다."],
  ["vLLM 0.33이 나왔다.", "3.5배 빠르다."],
  ["버전은 v1.2.3이다.", "안정적이다."],
  ["Node.js를 썼다.", "빠르다."],
  ["2026. 11. 29. 발표했다.", "반응은 좋다."],
  ["2026.11.29. 발표했다.", "반응은 좋다."],
  ["2026. 11. 발표 예정이다.", "기대된다."],
  ["1. 설치한다.", "2. 실행한다."],
  ["가. 설치한다.", "나. 실행한다."],
  ["(1) 설치한다.", "(2) 실행한다."],
  ["1) 설치한다.", "2) 실행한다."],
  ["“끝났다.”라고 말했다.", "모두 웃었다."],
  ['"끝났다."라며 웃었다.', "모두 갔다."],
  ["“끝났다.” 라고 말했다.", "모두 웃었다."],
  ["“끝났다.”", "그는 말했다."],
  ["‘왜요?’라고 물었다.", "답이 없었다."],
  ["“네!”라는 답이 왔다.", "반가웠다."],
  ["(자세한 내용은 아래에 있다.)", "계속 읽자."],
  ["미국(U.S.) 정부가 승인했다.", "월요일이다."],
  ["U.S. 정부가 승인했다.", "월요일이다."],
  ["Dr. 김이 말했다.", "모두 들었다."],
  ["Redis vs. Valkey를 비교했다.", "결과는 같다."],
  ["캐시(e.g. Redis)를 썼다.", "빠르다."],
  ["3월에 시작했다.", "5월에 끝났다."],
  ["사용자가 늘었다.", "3배가 됐다."],
  ["비율은 40%다.", "60%는 남았다."],
  ["값은 3.14.", "끝이다."],
  ["정말...", "놀랍다."],
  ["음… 그렇다.", "알겠다."],
  ["뭐라고?!", "안 돼!"],
  ["example.com을 읽었다.", "유용하다."],
  ["`a.b`를 고쳤다.", "테스트했다."],
  ["Kim J. 교수가 왔다.", "강의했다."],
  ["삼성전자(Samsung Electronics Co. Ltd.)가 올랐다.", "LG는 내렸다."],
  ["No. 5를 닫았다.", "No. 6은 열려 있다."],
  ["그림(Fig. 3)을 보라.", "설명이 있다."],
  ["오후 3시에 시작한다.", "일찍 오세요."],
  ["OK.", "그럼 배포합니다."],
  ["배포했다!", "오류는 없다."],
  ["이유는 이렇다: 느리다.", "그래서 바꿨다."],
  ["끝이 없는 문장"],
];

describe("splitSentences", () => {
  it("is held to a hundred texts", () => {
    expect(ENGLISH.length + KOREAN.length).toBeGreaterThanOrEqual(100);
  });

  it.each([...ENGLISH, ...KOREAN].map((sentences) => [sentences.join(" "), sentences] as const))(
    "splits %j",
    (text, sentences) => {
      expect(splitSentences(text)).toEqual(sentences);
      expect(firstSentences(text, 1)).toBe(sentences[0]);
    },
  );

  it("splits Korean sentences without a space between them, and no names with a full stop", () => {
    expect(splitSentences("서버를 옮겼다.비용이 줄었다!좋다.")).toEqual(["서버를 옮겼다.", "비용이 줄었다!", "좋다."]);
    expect(splitSentences("app.한국에 올렸다. 1.설치부터 한다.")).toEqual(["app.한국에 올렸다.", "1.설치부터 한다."]);
  });

  it("splits at line ends", () => {
    expect(splitSentences("U.S.\nregulators\n\n agreed. 1.\nItem")).toEqual([
      "U.S.",
      "regulators",
      "agreed.",
      "1.",
      "Item",
    ]);
  });

  it("looks no further than the sentences that are wanted", () => {
    const text = "One sentence of many. ".repeat(100_000);
    const started = process.cpuUsage();
    expect(firstSentences(text, 2)).toBe("One sentence of many. One sentence of many.");
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(200);
  });
});
