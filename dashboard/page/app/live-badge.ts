import { el, setText } from '../dom/element.js';

/** `lost`: there is no connection. `still`: there is one, over which nothing new comes. */
export type Liveness = 'live' | 'still' | 'lost';

const KINDS: Readonly<Record<Liveness, string>> = { live: 'good', still: 'quiet', lost: 'bad' };

export interface LiveBadge {
  readonly element: HTMLElement;
  tell(liveness: Liveness): void;
}

/** Says whether what is shown is live; empty until that is known. */
export function createLiveBadge(stillText: string): LiveBadge {
  const element = el('span', { class: 'badge' });
  const texts: Readonly<Record<Liveness, string>> = {
    ...{ live: 'live', still: stillText, lost: 'not live' },
  };
  return {
    element,
    tell: (liveness) => {
      setText(element, texts[liveness]);
      element.dataset['kind'] = KINDS[liveness];
    },
  };
}
