/**
 * Remembers what a function rendered for each argument: stacks and environments of one synthesis share it.
 * @param render takes an argument that JSON can write, and returns what callers do not change
 */
export function renderOnce<Props extends string | object, Result>(
  render: (props: Props) => Result,
): (props: Props) => Result {
  const results = new Map<string, { readonly result: Result }>();
  return (props) => {
    const key = JSON.stringify(props);
    const known = results.get(key) ?? { result: render(props) };
    results.set(key, known);
    return known.result;
  };
}
