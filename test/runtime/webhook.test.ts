import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServerAway } from '../../domain/failure.js';
import type { AlertNotice } from '../../domain/freshness.js';
import { createWebhook } from '../../runtime/alerts/webhook.js';
import { LocalWebhook } from '../integration/webhook.js';

const NOTICE: AlertNotice = {
  status: 'raised',
  source: 'bybit',
  atMs: Date.UTC(2026, 0, 15),
  problems: Array.from({ length: 150 }, (_, i) => ({ key: `P${i} 5m`, message: `P${i} is late` })),
};

let webhook: LocalWebhook;
let url: string;
beforeEach(async () => {
  webhook = new LocalWebhook();
  url = await webhook.start();
});
afterEach(() => webhook.stop());

describe('the webhook of alerts', () => {
  it('gets a notice as JSON, with all problems counted and some spelled out', async () => {
    await createWebhook(url)(NOTICE);
    const [posted] = webhook.received;
    expect(posted).toMatchObject({
      ...{ source: 'bybit', status: 'raised', at: '2026-01-15T00:00:00.000Z', count: 150 },
      text: expect.stringMatching(/^M1 \(bybit\) raised: P0 is late; .* and 145 more$/) as string,
    });
    expect(posted?.problems).toHaveLength(100);
  });

  it('that refuses or is away is an error that does not tell its address', async () => {
    webhook.status = 503;
    await expect(createWebhook(url)(NOTICE)).rejects.toThrow(ServerAway);
    await expect(createWebhook(url)(NOTICE)).rejects.toThrow(/^(?!.*secret).*HTTP 503/);
    const gone = createWebhook('http://127.0.0.1:9/hook?token=secret');
    await expect(gone(NOTICE)).rejects.toThrow(/^(?!.*secret).*does not answer/);
  });

  it('is nobody when none is configured', async () => {
    await createWebhook(undefined)(NOTICE);
    expect(webhook.received).toEqual([]);
  });
});
