import { type FormEvent, type RefObject, useEffect, useMemo, useRef, useState } from 'react';
import type { Problem } from '../../client';
import { useAction } from '../../hooks/use-action';
import { type Faults, faultsIn, present } from './faults';
import type { Fault } from './rules';

/** What was filled in, by the fields' names. */
type Values = Record<string, string>;

/** A form and what came of sending it. */
export interface AccountForm {
  /** What is wrong with each field. */
  faults: Faults;
  /** What else went wrong. */
  problem: Problem | undefined;
  busy: boolean;
  /** For the form's element. */
  props: {
    ref: RefObject<HTMLFormElement | null>;
    onSubmit: (event: FormEvent<HTMLFormElement>) => void;
    noValidate: true;
    method: 'post';
  };
}

/** A form that is sent when `check` finds nothing wrong; else the first field that is wrong gets the focus. */
export function useAccountForm(
  check: (values: Values) => Record<string, Fault | undefined>,
  send: (values: Values) => Promise<void>,
): AccountForm {
  const ref = useRef<HTMLFormElement>(null);
  const [found, setFound] = useState<Faults>({});
  const action = useAction(send);
  const refused = useMemo(() => faultsIn(action.problem), [action.problem]);
  const faults = useMemo(() => ({ ...found, ...refused }), [found, refused]);

  useEffect(() => {
    if (Object.keys(faults).length > 0)
      ref.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [faults]);

  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (action.busy) return;
    const values = valuesOf(event.currentTarget);
    const wrong = present(check(values));
    action.reset();
    setFound(wrong);
    if (Object.keys(wrong).length === 0) void action.run(values);
  };
  const problem = Object.keys(refused).length > 0 ? undefined : action.problem;
  // Were the script to fail, the browser would send it: not with a password in the address.
  const props = { ref, onSubmit, noValidate: true, method: 'post' } as const;
  return { faults, problem, busy: action.busy, props };
}

function valuesOf(form: HTMLFormElement): Values {
  return Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
}
