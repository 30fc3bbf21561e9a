/** The words of the CLI are those of the dashboard. */
export {
  clip,
  formatCount,
  formatMinute,
  formatSeconds,
  formatShort,
  isoSeconds,
  plural,
  symbolsText,
} from '../../domain/format.js';
