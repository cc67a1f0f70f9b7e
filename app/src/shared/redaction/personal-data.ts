import type { Finding } from "./finding";

/** Weights of the check digit of a resident registration number (주민등록법 시행규칙, numbers given before October 2020). */
const RRN_WEIGHTS = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];

/**
 * Six digits of a birthday, then seven of which the first encodes sex and century. Numbers given since October 2020 have no
 * check digit, so with a hyphen the date decides; of thirteen digits in one piece the check digit must be right too, and
 * they must be no time in milliseconds of the years 2014 to 2033.
 */
const RRN = /(?<![\d.-])(\d{2})(\d{2})(\d{2})([-–]?)([1-8]\d{6})(?![\d-])/g;

function isRrn(match: RegExpExecArray): boolean {
  const [, year = "", month = "", day = "", hyphen = "", tail = ""] = match;
  const date = Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31;
  if (!date || hyphen !== "") return date;
  const milliseconds = Number(match[0]);
  if (milliseconds >= 1.4e12 && milliseconds < 2e12) return false;
  const digits = [...(year + month + day + tail)].map(Number);
  const sum = RRN_WEIGHTS.reduce((total, weight, index) => total + weight * (digits[index] ?? 0), 0);
  return (11 - (sum % 11)) % 10 === digits[12];
}

/** 13 to 19 digits in one piece or in groups. */
const CARD = /(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])/g;

/**
 * Issuers by first digits and length, ISO/IEC 7812 ranges as the card schemes publish them: Visa, Mastercard, American
 * Express, Diners, Discover, JCB, UnionPay, and 9 for cards of Korea alone.
 */
const ISSUER =
  /^(?:4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|6(?:011|4[4-9]\d|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}|9\d{15})$/;

/** Luhn's check, ISO/IEC 7812-1 annex B. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

function isCard(match: RegExpExecArray): boolean {
  const digits = match[0].replace(/[ -]/g, "");
  return ISSUER.test(digits) && passesLuhn(digits);
}

const EMAIL = /(?<![\w.+-])[\w.+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w-])/g;

/** Korean numbers: mobile 01x, area codes 02 and 0xx, 070 and 050x, with or without +82. */
const PHONE =
  /(?<![\d.-])(?:\+82[ -]?(?:\(0\))?|0)(?:1[016789]|2|[3-6][1-5]|70|50\d)[ .-]?\d{3,4}[ .-]?\d{4}(?![\d-])/g;

interface PersonalPattern {
  readonly kind: string;
  readonly pattern: RegExp;
  readonly accepts?: (match: RegExpExecArray) => boolean;
}

/** Numbers that identify a person or open an account: hidden from prompts too. */
const NUMBERS: readonly PersonalPattern[] = [
  { kind: "rrn", pattern: RRN, accepts: isRrn },
  { kind: "card", pattern: CARD, accepts: isCard },
];

/** What logs hide besides: code is full of addresses that belong there, logs are not. */
const CONTACTS: readonly PersonalPattern[] = [
  { kind: "email", pattern: EMAIL },
  { kind: "phone", pattern: PHONE },
];

function find(text: string, patterns: readonly PersonalPattern[]): Finding[] {
  return patterns.flatMap(({ kind, pattern, accepts }) =>
    [...text.matchAll(pattern)]
      .filter((match) => accepts?.(match) ?? true)
      .map((match) => ({ kind, start: match.index, end: match.index + match[0].length })),
  );
}

/** Resident registration and payment card numbers in a text. */
export function findPersonalNumbers(text: string): Finding[] {
  return find(text, NUMBERS);
}

/** Those and email addresses and Korean telephone numbers. */
export function findPersonalData(text: string): Finding[] {
  return find(text, [...NUMBERS, ...CONTACTS]);
}
