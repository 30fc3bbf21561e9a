import { workflowInfo, type WorkflowInterceptors } from '@temporalio/workflow';

/** Memo of a run whose timers are so many times shorter. */
export const HURRY = 'hurry';

/** Loaded into the workflows' sandbox: a test cannot wait for a day. */
export function interceptors(): WorkflowInterceptors {
  return {
    outbound: [
      {
        startTimer(input, next) {
          const hurry = workflowInfo().memo?.[HURRY];
          if (typeof hurry !== 'number') return next(input);
          return next({ ...input, durationMs: Math.max(1, Math.round(input.durationMs / hurry)) });
        },
      },
    ],
  };
}
