import type {
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesPrimitive,
  Logical,
  SeriesAttachedParameter,
} from 'lightweight-charts';

export interface Band {
  /** First and last place on the time axis. */
  readonly places: readonly [number, number];
  readonly colour: string;
}

type DrawTarget = Parameters<IPrimitivePaneRenderer['draw']>[0];

const OPACITY = 0.28;
const EDGE = 3;

/** Bands behind the candles, where candles are missing. */
export class GapBands implements ISeriesPrimitive {
  #bands: readonly Band[] = [];
  #chart: SeriesAttachedParameter | undefined;
  readonly #views: readonly IPrimitivePaneView[] = [
    {
      zOrder: () => 'bottom',
      renderer: () => ({ draw: (target) => this.#draw(target) }),
    },
  ];

  attached(chart: SeriesAttachedParameter): void {
    this.#chart = chart;
  }

  detached(): void {
    this.#chart = undefined;
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.#views;
  }

  set(bands: readonly Band[]): void {
    this.#bands = bands;
    this.#chart?.requestUpdate();
  }

  #draw(target: DrawTarget): void {
    const scale = this.#chart?.chart.timeScale();
    if (scale === undefined) return;
    const half = scale.options().barSpacing / 2;
    target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      for (const { places, colour } of this.#bands) {
        const first = scale.logicalToCoordinate(places[0] as Logical);
        const last = scale.logicalToCoordinate(places[1] as Logical);
        if (first === null || last === null) continue;
        const width = last - first + 2 * half;
        context.fillStyle = colour;
        context.globalAlpha = OPACITY;
        context.fillRect(first - half, 0, width, mediaSize.height);
        // a band of one narrow candle is still seen by its edge
        context.globalAlpha = 1;
        context.fillRect(first - half, 0, Math.max(1, width), EDGE);
      }
    });
  }
}
