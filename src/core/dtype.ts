/**
 * What a value holds: `float` follows the engine (f32 or f64), `int` is always a 32-bit integer (token ids, labels,
 * rows of a table).
 */
export type DType = 'float' | 'int'

/** The precision of an engine's floats. */
export type Precision = 'f32' | 'f64'

export type FloatArray = Float32Array | Float64Array
export type NumberArray = FloatArray | Int32Array

export function floatArray(precision: Precision, length: number): FloatArray {
  return precision === 'f64' ? new Float64Array(length) : new Float32Array(length)
}

export function bytesPerElement(dtype: DType, precision: Precision): number {
  return dtype === 'float' && precision === 'f64' ? 8 : 4
}
