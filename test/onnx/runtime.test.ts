import { InferenceSession } from 'onnxruntime-web'
import { attentionOnly, defineModel, initialize, tensor, type Tensor } from 'opsin'
