import { formatShort } from '../../../domain/format.js';

/** `+1.25 %` from the venue's share, `0.0125`; a dash where it says nothing. */
export function changeText(share: string): string {
  const percent = Number(share) * 100;
  if (share === '' || !Number.isFinite(percent)) return '–';
  const sign = percent > 0 ? '+' : percent < 0 ? '−' : '';
  return `${sign}${Math.abs(percent).toFixed(2)} %`;
}

/** `12.3M` from the venue's decimals. */
export function shortText(decimals: string): string {
  const number = Number(decimals);
  return decimals === '' || !Number.isFinite(number) ? '–' : formatShort(number);
}
