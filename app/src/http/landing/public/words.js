export const WORDS = {
  en: {
    ready: "ready",
    notReady: "not ready",
    simulated: "simulated answer",
    degraded: "simple answer without a model",
    stopped: "stopped",
    kept: "kept as",
  },
  ko: {
    ready: "준비됨",
    notReady: "준비 중",
    simulated: "시뮬레이션 답변",
    degraded: "모델 없이 만든 간단한 답변",
    stopped: "중단됨",
    kept: "저장됨:",
  },
};

/** What an answer lacks, by the code in its `warnings`. */
export const WARNINGS = {
  RETRIEVAL_UNAVAILABLE: {
    en: "your stored notes could not be searched",
    ko: "저장된 TIL을 검색하지 못했습니다",
  },
  CHANGES_TRUNCATED: { en: "some of the material was left out", ko: "내용 일부를 뺐습니다" },
  SUMMARY_FAILED: { en: "a file could not be summarised", ko: "요약하지 못한 파일이 있습니다" },
  ANSWER_TRUNCATED: { en: "the answer was cut off at its limit", ko: "길이 제한에서 답변이 끊겼습니다" },
  SECRETS_REDACTED: { en: "secrets were hidden from the model", ko: "비밀 정보를 가렸습니다" },
  NOT_STORED: { en: "not kept", ko: "저장되지 않았습니다" },
  NOT_INDEXED: { en: "kept, but not yet searchable", ko: "저장했지만 아직 검색되지 않습니다" },
  FEWER_QUESTIONS: { en: "fewer questions than wanted", ko: "질문이 요청보다 적습니다" },
  NOT_COMPARED: { en: "questions may repeat each other", ko: "비슷한 질문이 있을 수 있습니다" },
};

/** The page's field (the id of its label) for each field of a request that a person fills in. */
const LABELS = {
  user: "user-label",
  title: "first-label",
  category: "first-label",
  commit_message: "first-label",
  text: "material-label",
  til: "material-label",
  patch: "material-label",
};

/** A refusal for a person: each wrong field by the name that it has on the page, or by none. */
export function refusalText(detail, labelText) {
  if (typeof detail === "string") return detail;
  return detail
    .map(({ loc, msg }) => {
      const label = LABELS[loc.findLast((part) => typeof part === "string")];
      return label === undefined ? msg : `${labelText(label)}: ${msg}`;
    })
    .join("\n");
}
