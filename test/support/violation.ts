import type { StackView } from "./stack-view";

/** Something wrong in a synthesized environment. */
export interface Violation {
  /** `<stack id> <resource address>`; the stack id alone where no resource is at fault. */
  readonly at: string;
  /** What is wrong, with the value. */
  readonly message: string;
}

/** A violation of one resource, or of a whole stack. */
export function violation(stack: StackView, address: string | undefined, message: string): Violation {
  return { at: address === undefined ? stack.id : `${stack.id} ${address}`, message };
}
