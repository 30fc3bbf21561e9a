/** What a run of the repair has done. */
export interface RepairCounts {
  /** Pages asked for. */
  readonly requests: number;
  /** Candles stored that were missing. */
  readonly candles: number;
  /** Gaps that were due. */
  readonly gaps: number;
}
