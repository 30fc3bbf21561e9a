import { ServerAway, reasonOf } from '../../domain/failure.js';
import { noticeText, type AlertNotice } from '../../domain/freshness.js';

/** A webhook answers within this time, ms. */
const TIMEOUT_MS = 10_000;

/** Problems that a message spells out; the count tells of the rest. */
const SPELLED = 100;

/** Tells somebody of a notice. @throws ServerAway when it was not taken */
export type TellAlert = (notice: AlertNotice) => Promise<void>;

/**
 * Posts notices as JSON: `source`, `status` (`raised`, `recovered` or `reminder`), `at`, `count`,
 * `problems` (each with `key` and `message`), and `text`, which chat services show.
 *
 * @param url undefined: nobody is told. It may hold a secret, so no error names it
 */
export function createWebhook(url: string | undefined): TellAlert {
  if (url === undefined) return () => Promise.resolve();
  return async (notice) => {
    const response = await post(url, JSON.stringify(document(notice)));
    if (!response.ok) {
      throw new ServerAway(`the webhook of ALERT_WEBHOOK_URL refused: HTTP ${response.status}`);
    }
  };
}

async function post(url: string, body: string): Promise<Response> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new ServerAway(`the webhook of ALERT_WEBHOOK_URL does not answer (${reasonOf(cause)})`);
  }
}

function document(notice: AlertNotice): Readonly<Record<string, unknown>> {
  const { source, status, atMs, problems } = notice;
  return {
    ...{ source, status },
    at: new Date(atMs).toISOString(),
    text: `M1 (${source}) ${noticeText(notice)}`,
    count: problems.length,
    problems: problems.slice(0, SPELLED),
  };
}
