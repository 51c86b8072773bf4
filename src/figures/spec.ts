/** A vega-lite specification: plain JSON, to render with {@link renderSvg} or to hand to any tool that reads vega-lite. */
export type Spec = Readonly<Record<string, unknown>>

/** Colours that people with any colour vision can tell apart, and that print. [Okabe and Ito 2008] */
export const palette = ['#000000', '#0072b2', '#d55e00', '#009e73', '#e69f00', '#cc79a7', '#56b4e9', '#7f7f7f'] as const

/** Colours for so many series, from the start again where there are more series than colours. */
export function colours(count: number): string[] {
  return Array.from({ length: count }, (_, i) => palette[i % palette.length])
}

/** What all figures share: a plain sans-serif face, no frame, hairline axes. */
export function figure(title: string | undefined, body: Spec): Spec {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    padding: 12,
    ...(title === undefined ? {} : { title }),
    config: {
      font: 'Helvetica, Arial, sans-serif',
      title: { anchor: 'start', fontSize: 14, fontWeight: 600, offset: 12 },
      view: { stroke: null },
      axis: {
        labelFontSize: 11,
        titleFontSize: 12,
        titleFontWeight: 400,
        titlePadding: 8,
        tickSize: 4,
        gridColor: '#ececec',
      },
      legend: { labelFontSize: 11, titleFontSize: 11, titleFontWeight: 400, symbolStrokeWidth: 2.5, labelLimit: 260 },
      header: { labelFontSize: 11, titleFontSize: 12 },
    },
    ...body,
  }
}

/** The horizontal axis of everything that happens during training: 50k, 100k, … */
export const sequencesAxis: Spec = {
  title: 'sequences seen',
  axis: {
    labelExpr: "datum.value === 0 ? '0' : format(datum.value, '~s')",
    labelFlush: false,
    grid: false,
    tickCount: 8,
    domainColor: '#888',
    tickColor: '#888',
  },
}
