import type { ClipboardEvent, KeyboardEvent, PointerEvent } from 'react';
import { IconButton } from '../../components/button';
import { TextField } from '../../components/field';
import { Icon } from '../../components/icon';
import { useMessages } from '../../hooks/use-messages';
import { create } from '../../messages/create';
import { LIMITS, MIN_OPTIONS } from './draft';
import { type Direction, optionButton, optionField } from './fields';
import styles from './option-list.module.css';
import { pastedLines } from './paste';
import type { CreateForm } from './use-create-form';

interface OptionRowProps {
  form: CreateForm;
  /** The positions of the question and, in it, of the option. */
  question: number;
  option: number;
  text: string;
  count: number;
  /** The position of an earlier option that says the same. */
  sameAs: number | undefined;
  isDragged: boolean;
  onGrip: (event: PointerEvent) => void;
}

const ARROWS: Record<string, Direction> = { ArrowUp: 'up', ArrowDown: 'down' };

/** An option's field with the buttons that move and remove it. */
export function OptionRow(props: OptionRowProps) {
  const { form, question, option, text, count, sameAs, isDragged, onGrip } = props;
  const t = useMessages(create);
  const name = t.option(option + 1);
  const field = optionField(question, option);

  const move = (direction: Direction, keepsFocus: (at: number) => string) => {
    const to = option + (direction === 'up' ? -1 : 1);
    if (to < 0 || to >= count) return;
    const said = t.moved(text.trim() || name, to + 1, count);
    form.change({ type: 'option-moved', question, option, to }, { focus: keepsFocus(to), said });
  };
  const moveByButton = (direction: Direction) =>
    move(direction, (at) => optionButton(question, at, direction));
  const remove = () => {
    if (count <= MIN_OPTIONS) return;
    form.change(
      { type: 'option-removed', question, option },
      { focus: optionField(question, Math.min(option, count - 2)), said: t.removed(text.trim() || name) },
    );
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const direction = event.altKey ? ARROWS[event.key] : undefined;
    const isEnter = event.key === 'Enter' && !event.nativeEvent.isComposing;
    if (!direction && !isEnter) return;
    event.preventDefault();
    if (direction) move(direction, (at) => optionField(question, at));
    else if (count < LIMITS.options)
      form.change(
        { type: 'option-added', question, position: option + 1 },
        { focus: optionField(question, option + 1) },
      );
  };
  const onPaste = (event: ClipboardEvent<HTMLInputElement>) => {
    const lines = pastedLines(event.currentTarget, event.clipboardData.getData('text'));
    if (lines.length < 2) return;
    event.preventDefault();
    const added = Math.min(lines.length - 1, LIMITS.options - count);
    const said = added < lines.length - 1 ? t.pastedPart(added) : t.pasted(added);
    form.change(
      { type: 'lines-pasted', question, option, lines },
      { focus: optionField(question, option + added), said },
    );
  };

  return (
    <li className={`${styles.row} ${isDragged ? styles.dragged : ''}`}>
      <span className={styles.grip} aria-hidden="true" onPointerDown={onGrip}>
        <Icon name="grip" />
      </span>
      <div className={styles.field}>
        <TextField
          name={field}
          label={name}
          labelHidden
          placeholder={name}
          hint={sameAs !== undefined && t.duplicate(sameAs + 1)}
          error={form.fault(field)}
          autoComplete="off"
          enterKeyHint="next"
          value={text}
          onChange={(event) =>
            form.change({ type: 'option-changed', question, option, text: event.target.value })
          }
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
      </div>
      <IconButton
        icon="up"
        label={t.moveUp(name)}
        name={optionButton(question, option, 'up')}
        aria-disabled={option === 0 || undefined}
        onClick={() => moveByButton('up')}
      />
      <IconButton
        icon="down"
        label={t.moveDown(name)}
        name={optionButton(question, option, 'down')}
        aria-disabled={option === count - 1 || undefined}
        onClick={() => moveByButton('down')}
      />
      <IconButton
        icon="cross"
        label={t.remove(name)}
        aria-disabled={count <= MIN_OPTIONS || undefined}
        onClick={remove}
      />
    </li>
  );
}
