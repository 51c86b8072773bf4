import { attentionOnly } from 'opsin'
import { expect, it } from 'vitest'
import { print } from '../../src/graph/print.ts'
import { withObjective } from '../../src/objectives/with-objective.ts'

it('prints a node a line: id, names, what it is, shape; then the updates', () => {
  const model = attentionOnly({ layers: 1, heads: 1, dModel: 2, norm: 'none', inputs: { kind: 'tokens', vocab: 3 } })
  expect(print(withObjective(model).graph({ batch: 1, length: 2 }))).toMatchInlineSnapshot(`
    "%0 = parameter embed.token.weight [3, 2]
    %1 = parameter blocks.0.attn.q.weight [2, 2]
    %2 = parameter blocks.0.attn.k.weight [2, 2]
    %3 = parameter blocks.0.attn.v.weight [2, 2]
    %4 = parameter blocks.0.attn.out.weight [2, 2]
    %5 = parameter unembed.weight [2, 3]
    %6 = parameter unembed.bias [3]
    %7 = batch tokens int [1, 2]
    %8 embed = gather(%0, %7) [1, 2, 2]
    %9 blocks.0.resid_pre = reshape(%8) {"shape":[1,2,2]} [1, 2, 2]
    %10 = linear(%9, %1) [1, 2, 2]
    %11 blocks.0.attn.q = reshape(%10) {"shape":[1,2,1,2]} [1, 2, 1, 2]
    %12 = linear(%9, %2) [1, 2, 2]
    %13 blocks.0.attn.k = reshape(%12) {"shape":[1,2,1,2]} [1, 2, 1, 2]
    %14 = linear(%9, %3) [1, 2, 2]
    %15 blocks.0.attn.v = reshape(%14) {"shape":[1,2,1,2]} [1, 2, 1, 2]
    %16 blocks.0.attn.rot_q = rotary(%11) {"base":10000,"inverse":false} [1, 2, 1, 2]
    %17 blocks.0.attn.rot_k = rotary(%13) {"base":10000,"inverse":false} [1, 2, 1, 2]
    %18 = attention-scores(%16, %17) {"scale":0.7071067811865475} [1, 1, 2, 2]
    %19 blocks.0.attn.scores = causal-mask(%18) {"value":-100000000000000000000} [1, 1, 2, 2]
    %20 blocks.0.attn.pattern = causal-softmax(%19) [1, 1, 2, 2]
    %21 blocks.0.attn.z = attention-mix(%20, %15) {"scale":1,"transpose":false} [1, 2, 1, 2]
    %22 blocks.0.attn.result = head-result(%21, %4) [1, 2, 1, 2]
    %23 blocks.0.attn_out = sum-heads(%22) [1, 2, 2]
    %24 blocks.0.resid_post = add(%9, %23) [1, 2, 2]
    %25 = take(%24) {"axis":1,"indices":[1]} [1, 1, 2]
    %26 logits = linear(%25, %5, %6) [1, 1, 3]
    %27 = batch targets int [1]
    %28 = reshape(%26) {"shape":[1,3]} [1, 3]
    %29 loss = cross-entropy(%28, %27) []"
  `)
})
