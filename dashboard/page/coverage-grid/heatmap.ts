import { HeatmapChart } from 'echarts/charts';
import { GridComponent, TooltipComponent, VisualMapPiecewiseComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { SHADES, type Shade } from './day-shade.js';
import type { GridLayout } from './grid-layout.js';

use([HeatmapChart, GridComponent, TooltipComponent, VisualMapPiecewiseComponent, CanvasRenderer]);

export interface HeatmapColours {
  readonly shades: Readonly<Record<Shade, string>>;
  readonly text: string;
  readonly surface: string;
}

/** A part of the grid, ready to be drawn. */
export interface HeatmapPicture {
  readonly names: readonly string[];
  /** Dates above the columns; empty: none is written. */
  readonly dates: readonly string[];
  readonly shades: readonly (readonly Shade[])[];
  readonly layout: GridLayout;
  readonly colours: HeatmapColours;
}

export interface Heatmap {
  draw(picture: HeatmapPicture): void;
}

/** A heatmap in `element`, until `signal` aborts. `tip` is asked for what a cell of the picture says. */
export function createHeatmap(
  element: HTMLElement,
  tip: (row: number, column: number) => HTMLElement,
  signal: AbortSignal,
): Heatmap {
  const chart = init(element, null, { renderer: 'canvas' });
  signal.addEventListener('abort', () => chart.dispose());
  return {
    draw: (picture) => {
      chart.resize({ width: widthOf(picture), height: heightOf(picture) });
      chart.setOption(optionOf(picture, tip), { notMerge: true });
    },
  };
}

function widthOf({ layout }: HeatmapPicture): number {
  return layout.labelWidth + layout.shown.columns * layout.cellWidth;
}

function heightOf({ layout }: HeatmapPicture): number {
  return layout.headHeight + layout.shown.rows * layout.cellHeight;
}

function optionOf(picture: HeatmapPicture, tip: (row: number, column: number) => HTMLElement) {
  const { layout, colours, names, dates, shades } = picture;
  const axis = { axisLine: { show: false }, axisTick: { show: false }, splitLine: { show: false } };
  const label = { color: colours.text, fontSize: 11, fontFamily: 'system-ui, sans-serif' };
  return {
    animation: false,
    grid: {
      left: layout.labelWidth,
      top: layout.headHeight,
      right: 0,
      bottom: 0,
      // else the grid makes room for a label at its edge, and the cells are not where the marks are
      outerBoundsMode: 'none',
    },
    xAxis: {
      ...axis,
      type: 'category',
      position: 'top',
      data: dates.map((_, index) => String(index)),
      axisLabel: {
        ...label,
        interval: (index: number) => dates[index] !== '',
        formatter: (_: string, index: number) => dates[index] ?? '',
        // centred on its column, a date at the edge would be cut off
        align: 'left',
      },
    },
    yAxis: {
      ...axis,
      type: 'category',
      inverse: true,
      data: names.map((_, index) => String(index)),
      axisLabel: {
        ...label,
        interval: 0,
        width: layout.labelWidth - 10,
        overflow: 'truncate',
        formatter: (_: string, index: number) => names[index] ?? '',
      },
    },
    visualMap: {
      type: 'piecewise',
      show: false,
      dimension: 2,
      pieces: SHADES.map((shade, value) => ({ value, color: colours.shades[shade] })),
    },
    tooltip: {
      confine: true,
      transitionDuration: 0,
      borderWidth: 0,
      padding: 0,
      backgroundColor: 'transparent',
      extraCssText: 'box-shadow: none',
      formatter: ({ value }: { readonly value: readonly number[] }) =>
        tip(value[1] ?? 0, value[0] ?? 0),
    },
    series: {
      type: 'heatmap',
      progressive: 0,
      itemStyle: { borderColor: colours.surface, borderWidth: layout.cellWidth < 6 ? 0 : 1 },
      emphasis: { disabled: true },
      data: shades.flatMap((row, y) => row.map((shade, x) => [x, y, SHADES.indexOf(shade)])),
    },
  };
}
