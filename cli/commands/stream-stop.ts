import { Command } from 'clipanion';
import { CATEGORY, M1Command } from '../m1-command.js';

/** `m1 stream stop`. */
export class StreamStopCommand extends M1Command {
  static override paths = [['stream', 'stop']];

  static override usage = Command.Usage({
    category: CATEGORY.data,
    description: 'stop the stream; returns when its sockets are closed',
    details: 'What was received is stored first. Without a stream there is nothing to do: exit 0.',
    examples: [['Stop it, whoever started it', '$0 stream stop']],
  });

  protected async run(): Promise<number> {
    const { loadConfig } = await import('../../runtime/config.js');
    const { stopRunningStream } = await import('../stream/stop-stream.js');
    return stopRunningStream(loadConfig({ env: this.context.env }), this.context);
  }
}
