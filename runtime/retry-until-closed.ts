import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import { reasonOf } from '../domain/failure.js';

const retry = makeGrpcRetryInterceptor(defaultGrpcRetryOptions());

type Interceptor = typeof retry;
type NextCall = Parameters<Interceptor>[1];
type Call = ReturnType<NextCall>;
type Start = Parameters<Call['start']>;
type Status = Parameters<NonNullable<NonNullable<Start[1]>['onReceiveStatus']>>[0];

/** Status code of gRPC, which the SDK does not try again. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- the enum is of a package of the SDK, not ours
const CANCELLED = 1 as Status['code'];

/**
 * The SDK's own way to try calls again. It begins the next attempt in a timer, and on a connection that
 * was closed meanwhile grpc-js throws there, where nobody can catch it: the process would end. Here such
 * an attempt ends as a cancelled call, so that a call which nobody waits for harms nothing.
 */
export const retryUntilClosed: Interceptor = (options, nextCall) =>
  retry(options, (nextOptions) => {
    try {
      return nextCall(nextOptions);
    } catch (error) {
      return new EndedCall(reasonOf(error));
    }
  });

/** A call that has ended before it began. */
class EndedCall implements Call {
  readonly #details: string;

  constructor(details: string) {
    this.#details = details;
  }

  start(...[metadata, listener]: Start): void {
    // a unary call is told an answer, if only that there is none, before its end
    listener?.onReceiveMessage?.(null);
    listener?.onReceiveStatus?.({ code: CANCELLED, details: this.#details, metadata });
  }

  getPeer(): string {
    return '';
  }

  getAuthContext(): null {
    return null;
  }

  // nothing is sent, read or cancelled of it
  sendMessage(): void {}
  sendMessageWithContext(): void {}
  startRead(): void {}
  halfClose(): void {}
  cancelWithStatus(): void {}
}
