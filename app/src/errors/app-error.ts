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
  NOT_FOUND: { status: 404, en: "There is nothing at {path}.", ko: "{path} 경로가 없습니다." },
  METHOD_NOT_ALLOWED: {
    status: 405,
    en: "{path} does not take {method}; it takes {allow}.",
    ko: "{path} 경로는 {method} 메서드를 받지 않습니다. 가능한 메서드: {allow}.",
  },
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
  VALIDATION_ERROR: { status: 422, en: "The request is not valid.", ko: "요청이 올바르지 않습니다." },
  MODEL_BUSY: {
    status: 429,
    en: "All {limit} places of this model are taken. Try again shortly.",
    ko: "이 모델의 동시 요청 {limit}개가 모두 사용 중입니다. 잠시 후 다시 시도해 주세요.",
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
  ENGINE_UNAVAILABLE: {
    status: 503,
    en: "The engine cannot be reached. Try again shortly.",
    ko: "엔진에 연결할 수 없습니다. 잠시 후 다시 시도해 주세요.",
  },
  NOT_READY: { status: 503, en: "Not ready: {reason}", ko: "준비되지 않음: {reason}" },
  DRAINING: {
    status: 503,
    en: "This instance is shutting down. Try again: another one answers.",
    ko: "이 인스턴스는 종료 중입니다. 다시 시도하면 다른 인스턴스가 응답합니다.",
  },
  UNHEALTHY: { status: 503, en: "A check failed.", ko: "상태 점검에 실패했습니다." },
  ENGINE_TIMEOUT: {
    status: 504,
    en: "The engine did not answer within {seconds} seconds.",
    ko: "엔진이 {seconds}초 안에 응답하지 않았습니다.",
  },
} as const satisfies Record<string, ErrorText>;

export type ErrorCode = keyof typeof ERRORS;

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
