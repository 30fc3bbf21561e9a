import type { MalformedForm } from './stream-fault-rule.js';
import { gatewayPage } from './venue-texts.js';

type Fields = Readonly<Record<string, unknown>>;

/** Spoils a good message of the server; bytes stand for a binary message. */
export function spoilFrame(text: string, form: MalformedForm): string | Buffer {
  switch (form) {
    case 'truncated':
      return text.slice(0, Math.ceil(text.length / 2));
    case 'binary':
      return Buffer.from(Uint8Array.from({ length: 64 }, (_, i) => (i * 37 + 200) % 256));
    case 'html':
      return gatewayPage(502);
    default: {
      const message = JSON.parse(text) as Fields;
      return JSON.stringify(
        'data' in message ? spoilData(message, form) : spoilReply(message, form),
      );
    }
  }
}

function spoilData(message: Fields, form: MalformedForm): Fields {
  if (form === 'nullData') return { ...message, data: null };
  const { data } = message;
  const change = form === 'missingFields' ? withoutEverySecond : withWrongTypes;
  const spoilt = Array.isArray(data)
    ? data.map((element) => change(element as Fields))
    : change(data as Fields);
  return { ...message, data: spoilt };
}

function spoilReply(reply: Fields, form: MalformedForm): Fields {
  const { success, ...rest } = reply;
  if (form === 'missingFields') return rest;
  if (form === 'wrongTypes') return { ...reply, success: String(success) };
  return Object.fromEntries(
    Object.keys(reply).map((key) => [key, key === 'op' ? reply[key] : null]),
  );
}

function withoutEverySecond(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter((_, i) => i % 2 === 0));
}

function withWrongTypes(fields: Fields): Fields {
  const change = (value: unknown): unknown =>
    typeof value === 'string' ? Number(value) : `${String(value)}x`;
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, change(value)]));
}
