/** Errors that a client of the gateway may see: one code, one status, one sentence in each language. */

/** How an error code reads to a client. `{name}` is replaced by the parameter of that name. */
interface ErrorText {
  /** HTTP status code. */
  readonly status: number;
  readonly en: string;
  readonly ko: string;
}

export const ERRORS = {
  BAD_REQUEST: { status: 400, en: "The request could not be read.", ko: "요청을 읽을 수 없습니다." },
  HOST_HEADER: {
    status: 400,
    en: "Send exactly one Host header.",
    ko: "Host 헤더를 정확히 하나만 보내 주세요.",
  },
  NOT_UTF8: {
    status: 400,
    en: "The body is not UTF-8, as JSON has to be: byte {at} begins no character. Convert it, as `iconv -f EUC-KR -t UTF-8` does.",
    ko: "본문이 UTF-8이 아닙니다. {at}번째 바이트부터 읽을 수 없습니다. JSON은 UTF-8이어야 하니 `iconv -f EUC-KR -t UTF-8`처럼 변환해 보내 주세요.",
  },
  REQUEST_TIMEOUT: {
    status: 408,
    en: "The request did not arrive in time.",
    ko: "요청이 제시간에 도착하지 않았습니다.",
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    en: "The request's headers are too large.",
    ko: "요청 헤더가 너무 큽니다.",
  },
  UNAUTHORIZED: {
    status: 401,
    en: "Send a bearer token that this service knows.",
    ko: "이 서비스에 등록된 Bearer 토큰을 보내 주세요.",
  },
  NO_TOKENS: {
    status: 401,
    en: "Nobody is let in here until this service is given bearer tokens: make one with `npm run token -- NAME` and set {variable}.",
    ko: "이 서비스에 Bearer 토큰이 설정되기 전에는 아무도 사용할 수 없습니다. `npm run token -- 이름`으로 토큰을 만들어 {variable}에 설정해 주세요.",
  },
  LOCAL_TOKEN: {
    status: 401,
    en: "Send the bearer token of this machine: `npm start` prints it, and the file local-token in {folder} has it.",
    ko: "이 컴퓨터의 Bearer 토큰을 보내 주세요. `npm start`가 출력하며 {folder}의 local-token 파일에 있습니다.",
  },
  FORBIDDEN: {
    status: 403,
    en: "This token may not do that: it needs the role {role}.",
    ko: "이 토큰으로는 할 수 없습니다. {role} 역할이 필요합니다.",
  },
  FORBIDDEN_USER: {
    status: 403,
    en: "This token may not act for {user}: make one with `npm run token -- NAME --users {user}`.",
    ko: "이 토큰으로는 {user}의 데이터를 다룰 수 없습니다. `npm run token -- 이름 --users {user}`로 토큰을 만들어 주세요.",
  },
  CROSS_SITE: {
    status: 403,
    en: "A page of another site may not do that without a token.",
    ko: "다른 사이트의 페이지는 토큰 없이 이 작업을 할 수 없습니다.",
  },
  UNKNOWN_MODEL: { status: 404, en: "There is no model {model}.", ko: "{model} 모델이 없습니다." },
  UNKNOWN_TIL: { status: 404, en: "There is no TIL {id} of this user.", ko: "이 사용자의 TIL {id}이(가) 없습니다." },
  NO_TILS: {
    status: 404,
    en: "{user} has no stored TIL to ask about. Write one first, or send a text with the request.",
    ko: "{user}의 저장된 TIL이 없습니다. 먼저 TIL을 만들거나 글을 함께 보내 주세요.",
  },
  UNKNOWN_ADAPTER: { status: 404, en: "There is no adapter {adapter}.", ko: "{adapter} 어댑터가 없습니다." },
  NOT_FOUND: { status: 404, en: "There is nothing at {path}.", ko: "{path} 경로가 없습니다." },
  METHOD_NOT_ALLOWED: {
    status: 405,
    en: "{path} does not take {method}; it takes {allow}.",
    ko: "{path} 경로는 {method} 메서드를 받지 않습니다. 가능한 메서드: {allow}.",
  },
  CONFLICT: { status: 409, en: "That is not possible now: {reason}", ko: "지금은 할 수 없습니다: {reason}" },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    en: "The request body is larger than {limit} bytes.",
    ko: "요청 본문이 {limit}바이트를 넘습니다.",
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    en: "Send the body as application/json.",
    ko: "본문을 application/json으로 보내 주세요.",
  },
  UNSUPPORTED_CHARSET: {
    status: 415,
    en: "The body is said to be {charset}; JSON is UTF-8: convert the body, and send it as application/json; charset=utf-8.",
    ko: "본문의 charset이 {charset}입니다. JSON은 UTF-8이어야 하니 변환한 뒤 application/json; charset=utf-8로 보내 주세요.",
  },
  UNSUPPORTED_ENCODING: {
    status: 415,
    en: "The body is said to be encoded as {encoding}; send it unencoded, without Content-Encoding.",
    ko: "본문의 Content-Encoding이 {encoding}입니다. 압축하지 않은 본문을 Content-Encoding 없이 보내 주세요.",
  },
  EXPECTATION_FAILED: {
    status: 417,
    en: "The only Expect that is met is 100-continue; send the request without another.",
    ko: "Expect는 100-continue만 지원합니다. 다른 값은 빼고 보내 주세요.",
  },
  VALIDATION_ERROR: { status: 422, en: "The request is not valid.", ko: "요청이 올바르지 않습니다." },
  PROMPT_TOO_LONG: {
    status: 422,
    en: "The prompt takes {tokens} tokens and its answer up to {answer}; this model holds {context} of both together.",
    ko: "프롬프트가 {tokens}토큰, 답변이 최대 {answer}토큰입니다. 이 모델은 둘을 합해 {context}토큰까지 다룰 수 있습니다.",
  },
  MAX_TOKENS_TOO_LARGE: {
    status: 422,
    en: "The prompt takes {tokens} tokens and its answer up to {answer}; this model holds {context} of both together. Send max_tokens of at most {largest}.",
    ko: "프롬프트가 {tokens}토큰, 답변이 최대 {answer}토큰입니다. 이 모델은 둘을 합해 {context}토큰까지 다룰 수 있습니다. max_tokens를 {largest} 이하로 보내 주세요.",
  },
  QUEUE_FULL: {
    status: 429,
    en: "Too many requests are waiting for this model. Try again in {seconds} seconds.",
    ko: "이 모델을 기다리는 요청이 너무 많습니다. {seconds}초 뒤에 다시 시도해 주세요.",
  },
  ENGINE_BUSY: {
    status: 429,
    en: "The engine is not taking more requests. Try again shortly.",
    ko: "엔진이 더 이상 요청을 받지 않습니다. 잠시 후 다시 시도해 주세요.",
  },
  CLIENT_CLOSED_REQUEST: { status: 499, en: "The client left.", ko: "클라이언트가 연결을 끊었습니다." },
  INTERNAL_ERROR: { status: 500, en: "Something went wrong here.", ko: "서버에서 오류가 발생했습니다." },
  ENGINE_BAD_REPLY: {
    status: 502,
    en: "The engine gave an answer that could not be used.",
    ko: "엔진의 응답을 사용할 수 없습니다.",
  },
  ADAPTER_NOT_LOADED: {
    status: 502,
    en: "{failed} of {total} engines did not load {adapter}. What answered before still does.",
    ko: "엔진 {total}개 중 {failed}개가 {adapter} 어댑터를 불러오지 못했습니다. 기존 어댑터가 계속 응답합니다.",
  },
  ADAPTER_SMOKE_FAILED: {
    status: 502,
    en: "{adapter} gave no usable answer on {failed} of {total} engines. What answered before still does.",
    ko: "{adapter} 어댑터가 엔진 {total}개 중 {failed}개에서 답하지 못했습니다. 기존 어댑터가 계속 응답합니다.",
  },
  ENGINE_UNAVAILABLE: {
    status: 503,
    en: "The engine cannot be reached. Try again shortly.",
    ko: "엔진에 연결할 수 없습니다. 잠시 후 다시 시도해 주세요.",
  },
  STORE_UNAVAILABLE: {
    status: 503,
    en: "{store} cannot be reached. Nothing was lost; try again shortly.",
    ko: "{store}에 연결할 수 없습니다. 저장된 데이터는 안전합니다. 잠시 후 다시 시도해 주세요.",
  },
  DEGRADED: {
    status: 503,
    en: "Only important requests are served at the moment. Try again later.",
    ko: "지금은 중요한 요청만 처리합니다. 나중에 다시 시도해 주세요.",
  },
  OVERLOADED: {
    status: 503,
    en: "This instance is overloaded. Try again shortly.",
    ko: "이 인스턴스에 부하가 많습니다. 잠시 후 다시 시도해 주세요.",
  },
  NOT_READY: { status: 503, en: "Not ready: {reason}", ko: "준비되지 않음: {reason}" },
  DRAINING: {
    status: 503,
    en: "This instance is shutting down. Try again: another one answers.",
    ko: "이 인스턴스는 종료 중입니다. 다시 시도하면 다른 인스턴스가 응답합니다.",
  },
  UNHEALTHY: { status: 503, en: "A check failed.", ko: "상태 점검에 실패했습니다." },
  QUEUE_TIMEOUT: {
    status: 504,
    en: "No place became free within {seconds} seconds.",
    ko: "{seconds}초 안에 처리할 자리가 나지 않았습니다.",
  },
  ENGINE_TIMEOUT: {
    status: 504,
    en: "The engine did not answer within {seconds} seconds.",
    ko: "엔진이 {seconds}초 안에 응답하지 않았습니다.",
  },
} as const satisfies Record<string, ErrorText>;

export type ErrorCode = keyof typeof ERRORS;

function isErrorCode(name: string): name is ErrorCode {
  return Object.hasOwn(ERRORS, name);
}

export const ERROR_CODES: readonly ErrorCode[] = Object.keys(ERRORS).filter(isErrorCode);

/** Statuses of refusals that a client may retry. */
export const REFUSAL_STATUSES: ReadonlySet<number> = new Set([429, 503]);

export type Language = "ko" | "en";

export interface AppErrorOptions {
  /** Values for the `{name}`s of the code's sentence. */
  readonly params?: Readonly<Record<string, string | number>>;
  /** Seconds for the `Retry-After` header. @default no such header */
  readonly retryAfterSeconds?: number;
  /** What happened, for the log. Never sent. */
  readonly cause?: unknown;
}

/** An error with an answer. Everything else that is thrown is answered as `INTERNAL_ERROR`. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly status: number;
  readonly params: Readonly<Record<string, string | number>>;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    super(sentence(code, "en", options.params), { cause: options.cause });
    this.code = code;
    this.status = ERRORS[code].status;
    this.params = options.params ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** The sentence of a code in a language, parameters filled in. */
export function sentence(code: ErrorCode, language: Language, params: AppErrorOptions["params"] = {}): string {
  return ERRORS[code][language].replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}
