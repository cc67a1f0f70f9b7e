/** Arithmetic on embedding vectors. */

/** Cosine of unit vectors; of any others, their scalar product. */
export function dot(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < left.length; index += 1) sum += (left[index] ?? 0) * (right[index] ?? 0);
  return sum;
}

/** The vector with length 1. A vector of zeros, which points nowhere, becomes the first unit vector. */
export function normalize(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  if (length > 0 && Number.isFinite(length)) return vector.map((value) => value / length);
  const unit = new Float32Array(vector.length);
  unit[0] = 1;
  return unit;
}

export function subtract(left: Float32Array, right: Float32Array): Float32Array {
  return left.map((value, index) => value - (right[index] ?? 0));
}

/** @throws RangeError where there is no vector */
export function mean(vectors: readonly Float32Array[]): Float32Array {
  const [first] = vectors;
  if (first === undefined) throw new RangeError("the mean of no vectors");
  const sum = new Float64Array(first.length);
  for (const vector of vectors) for (const [index, value] of vector.entries()) sum[index] = (sum[index] ?? 0) + value;
  return Float32Array.from(sum, (value) => value / vectors.length);
}
