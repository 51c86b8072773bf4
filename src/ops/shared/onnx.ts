/** What ONNX calls 64-bit integers (TensorProto.DataType): the index type of its operators. */
export const INT64 = 7
/** What ONNX calls 32-bit integers (TensorProto.DataType). */
export const INT32 = 6
/** What ONNX calls 32-bit floats (TensorProto.DataType). */
export const FLOAT = 1
/** What ONNX calls booleans (TensorProto.DataType). */
export const BOOL = 9
