import styles from './settings.module.css';

interface RadioGroupProps<T extends string> {
  name: string;
  legend: string;
  /** The values, in order. */
  labels: Record<T, string>;
  hints: Record<T, string>;
  value: T;
  onChange: (value: T) => void;
}

/** One of several settings, each with what it means. */
export function RadioGroup<T extends string>(props: RadioGroupProps<T>) {
  const { name, legend, labels, hints, value, onChange } = props;
  return (
    <fieldset className={styles.group}>
      <legend>{legend}</legend>
      {(Object.keys(labels) as T[]).map((key) => (
        <label key={key} className={styles.radio}>
          <input
            type="radio"
            name={name}
            value={key}
            checked={key === value}
            onChange={() => onChange(key)}
            aria-describedby={`${name}-${key}`}
          />
          <span>
            {labels[key]}
            <span id={`${name}-${key}`} className={styles.hint}>
              {hints[key]}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
