/**
 * Takes server-sent events out of a stream of text: their data, without the comments and the fields that
 * nobody here uses. A parser is for one connection.
 */
export class SseParser {
  #rest = '';
  #data: string[] = [];

  /** The data of the events that `text` completes. */
  push(text: string): readonly string[] {
    const whole = this.#rest + text;
    // a CR at the end may be the first half of CR LF
    const end = whole.endsWith('\r') ? whole.length - 1 : whole.length;
    const lines = whole.slice(0, end).split(/\r\n|\n|\r/);
    this.#rest = (lines.pop() ?? '') + whole.slice(end);
    return lines.flatMap((line) => this.#take(line));
  }

  #take(line: string): readonly string[] {
    if (line === '') {
      const event = this.#data;
      this.#data = [];
      return event.length === 0 ? [] : [event.join('\n')];
    }
    const field = /^data(?:: ?(.*))?$/s.exec(line);
    if (field !== null) this.#data.push(field[1] ?? '');
    return [];
  }
}
