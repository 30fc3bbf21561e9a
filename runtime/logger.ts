import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import type { LogConfig } from './config.js';
import { prettyLine } from './pretty-line.js';

export type Logger = PinoLogger;

/** Where a field of these names is logged, its value is replaced. */
const SECRET_FIELDS = ['apiKey', 'apiSecret', 'password', 'token', 'alertWebhookUrl'];

export interface LoggerOptions {
  /** Field `part` of every line: which program speaks. */
  readonly part?: string;
  /** @default stderr, because stdout carries results */
  readonly stream?: LogStream;
}

/** What the logger needs of a stream. */
export interface LogStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** Logs to stderr as JSON lines, or as lines for people on a terminal. */
export function createLogger(config: LogConfig, options: LoggerOptions = {}): Logger {
  const stream = options.stream ?? process.stderr;
  const isTerminal = stream.isTTY === true;
  const pretty = (config.format ?? (isTerminal ? 'pretty' : 'json')) === 'pretty';
  const destination: DestinationStream = {
    write: (line) => void stream.write(pretty ? prettyLine(line) : line),
  };
  return pino(
    {
      level: config.level,
      base: options.part === undefined ? null : { part: options.part },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        censor: '(secret)',
      },
    },
    destination,
  );
}
