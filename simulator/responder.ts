import type { ServerResponse } from 'node:http';
import type { BodyFault, ConnectionFault } from './fault-rule.js';
import { gatewayPage } from './venue-texts.js';

export const JSON_TYPE = 'application/json; charset=utf-8';
const HTML_TYPE = 'text/html';

/** A finished answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: Buffer | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function jsonAnswer(body: Buffer | string, headers?: Record<string, string>): HttpAnswer {
  return { status: 200, type: JSON_TYPE, body, ...(headers === undefined ? {} : { headers }) };
}

export function htmlAnswer(status: number, body: string): HttpAnswer {
  return { status, type: HTML_TYPE, body };
}

/** Sends an answer whole. */
export function send(response: ServerResponse, answer: HttpAnswer): void {
  const { status, type, body, headers } = answer;
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

/** Turns a good answer into a body that is not the venue's. */
export function spoilBody(answer: HttpAnswer, kind: BodyFault): HttpAnswer {
  switch (kind) {
    case 'html200':
      return htmlAnswer(200, gatewayPage(200));
    case 'truncated': {
      const whole = Buffer.from(answer.body);
      return { ...answer, body: whole.subarray(0, Math.ceil(whole.length / 2)) };
    }
    case 'emptyBody':
      return { ...answer, body: '' };
    case 'emptyObject':
      return { ...answer, body: '{}' };
  }
}

/** Lets the connection fail: `hang` never answers, `hangMidBody` stops half way, `reset` cuts. */
export function breakConnection(
  response: ServerResponse,
  answer: HttpAnswer,
  kind: ConnectionFault,
): void {
  if (kind === 'reset') response.socket?.resetAndDestroy();
  if (kind !== 'hangMidBody') return;
  const whole = Buffer.from(answer.body);
  response.writeHead(answer.status, {
    'Content-Type': answer.type,
    'Content-Length': whole.length,
    ...answer.headers,
  });
  response.write(whole.subarray(0, Math.ceil(whole.length / 2)));
}
