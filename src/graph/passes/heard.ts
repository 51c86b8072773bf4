/** Who listens to a graph besides the graph itself, by the names of its points. */
export interface Heard {
  /** Points whose values are read. */
  readonly values: readonly string[]
  /** Those of them whose gradient is read too: all that the loss knows of the value must go through this very node. */
  readonly gradients: readonly string[]
}
