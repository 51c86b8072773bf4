export { readNpy, writeNpy } from './npy.ts'
export { readSafetensors, type TensorFile, writeSafetensors } from './safetensors.ts'
