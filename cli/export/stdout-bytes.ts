import type { Writable } from 'node:stream';
import { errorCode } from '../../storage/database-failure.js';
import type { WriteBytes } from './candle-encoder.js';

const READER_GONE = new Set(['EPIPE', 'ERR_STREAM_DESTROYED']);

/** Thrown when nobody reads stdout any more, as behind `| head`. */
export class ReaderGone extends Error {
  override readonly name = 'ReaderGone';
}

/** Writes to a stream no faster than it is read. */
export function bytesInto(stream: Writable): WriteBytes {
  return (bytes) =>
    new Promise((resolve, reject) => {
      stream.write(bytes, (error) => {
        if (!error) resolve();
        else if (READER_GONE.has(errorCode(error) ?? '')) reject(new ReaderGone(error.message));
        else reject(error);
      });
    });
}
