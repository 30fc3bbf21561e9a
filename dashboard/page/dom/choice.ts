import { el } from './element.js';

export interface ChoiceOptions<Value extends string> {
  readonly label: string;
  readonly values: readonly Value[];
  readonly chosen: Value;
  readonly onChoose: (value: Value) => void;
}

let count = 0;

/** One of a few values as a row of radio buttons, which brings arrow keys and names with it. */
export function createChoice<Value extends string>(options: ChoiceOptions<Value>): HTMLElement {
  const { label, values, chosen, onChoose } = options;
  const name = `choice-${String(count++)}`;
  const buttons = values.map((value) => {
    const input = el('input', { type: 'radio', name, value, checked: value === chosen });
    input.addEventListener('change', () => onChoose(value));
    return el('label', {}, input, el('span', {}, value));
  });
  return el('fieldset', { class: 'choice' }, el('legend', {}, label), ...buttons);
}
