declare module 'asciichart' {
  /** ANSI sequences that start a colour. */
  export type Colour = 'default' | 'blue' | 'red' | 'green' | 'yellow' | 'magenta' | 'cyan' | 'lightgray'
  interface PlotOptions {
    readonly min?: number
    readonly max?: number
    readonly height?: number
    readonly offset?: number
    readonly padding?: string
    readonly format?: (value: number) => string
  }
  const asciichart: Readonly<Record<Colour, string>> & {
    plot(series: readonly (readonly number[])[], options?: PlotOptions): string
    colored(text: string, colour: string): string
  }
  export default asciichart
}
