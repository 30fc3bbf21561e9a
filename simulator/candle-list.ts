import { TURNOVER_BASE } from './candle-day.js';

/** A growing list of candles in columns; prices in ticks, volumes in lots. */
export class CandleList {
  length = 0;
  openMs: Float64Array;
  open: Float64Array;
  high: Float64Array;
  low: Float64Array;
  close: Float64Array;
  volume: Float64Array;
  turnoverHi: Float64Array;
  turnoverLo: Float64Array;

  constructor(capacity = 1024) {
    this.openMs = new Float64Array(capacity);
    this.open = new Float64Array(capacity);
    this.high = new Float64Array(capacity);
    this.low = new Float64Array(capacity);
    this.close = new Float64Array(capacity);
    this.volume = new Float64Array(capacity);
    this.turnoverHi = new Float64Array(capacity);
    this.turnoverLo = new Float64Array(capacity);
  }

  /** Appends an empty candle and returns its place. */
  add(): number {
    if (this.length === this.openMs.length) this.#grow();
    const i = this.length++;
    this.volume[i] = 0;
    this.turnoverHi[i] = 0;
    this.turnoverLo[i] = 0;
    return i;
  }

  /** Appends a copy of candle `from` of another list. */
  copy(other: CandleList, from: number): void {
    const i = this.add();
    this.openMs[i] = other.openMs[from] as number;
    this.open[i] = other.open[from] as number;
    this.high[i] = other.high[from] as number;
    this.low[i] = other.low[from] as number;
    this.close[i] = other.close[from] as number;
    this.volume[i] = other.volume[from] as number;
    this.turnoverHi[i] = other.turnoverHi[from] as number;
    this.turnoverLo[i] = other.turnoverLo[from] as number;
  }

  /** Adds a turnover to candle `i`, exactly. */
  addTurnover(i: number, hi: number, lo: number): void {
    let sum = (this.turnoverLo[i] as number) + lo;
    let carry = 0;
    if (sum >= TURNOVER_BASE) {
      sum -= TURNOVER_BASE;
      carry = 1;
    }
    this.turnoverLo[i] = sum;
    this.turnoverHi[i] = (this.turnoverHi[i] as number) + hi + carry;
  }

  #grow(): void {
    const wider = (column: Float64Array): Float64Array => {
      const grown = new Float64Array(column.length * 2);
      grown.set(column);
      return grown;
    };
    this.openMs = wider(this.openMs);
    this.open = wider(this.open);
    this.high = wider(this.high);
    this.low = wider(this.low);
    this.close = wider(this.close);
    this.volume = wider(this.volume);
    this.turnoverHi = wider(this.turnoverHi);
    this.turnoverLo = wider(this.turnoverLo);
  }
}
