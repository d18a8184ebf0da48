import { type RefObject, useEffect, useReducer, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useLocation } from 'wouter';
import { asProblem, type Problem } from '../../client';
import { api } from '../../clients';
import { useAction } from '../../hooks/use-action';
import { useMessages } from '../../hooks/use-messages';
import { create } from '../../messages/create';
import { rememberOwnPoll } from '../../state/own-polls';
import { accessToken } from '../../state/session';
import { type Draft, keptDraft } from './draft';
import { faultText } from './fault-text';
import { type DraftAction, reduce } from './reduce';
import { toRequest } from './to-request';
import { type Faults, serverFaults, validate } from './validate';

/** What the parts of the form share. */
export interface CreateForm {
  ref: RefObject<HTMLFormElement | null>;
  draft: Draft;
  /** Changes the draft; then the field of the name `focus` has the focus, and `said` is read out. */
  change: (action: DraftAction, then?: { focus?: string; said?: string }) => void;
  /** What is wrong with the field of this name, once that may be said. */
  fault: (field: string) => string | undefined;
  announcement: string;
  isMoreOpen: boolean;
  setMoreOpen: (isOpen: boolean) => void;
  submit: () => Promise<void>;
  busy: boolean;
  problem: Problem | undefined;
}

/** The draft with all that happens to it until it is a poll. */
export function useCreateForm(): CreateForm {
  const t = useMessages(create);
  const ref = useRef<HTMLFormElement>(null);
  const [, navigate] = useLocation();
  const [draft, dispatch] = useReducer(reduce, undefined, keptDraft.get);
  const [isChecked, setChecked] = useState(false);
  const [announcement, setAnnouncement] = useState('');
  const [isMoreOpen, setMoreOpen] = useState(false);
  /** Leads to what is wrong. */
  const show = (found: Faults) => {
    const isFaulty = (name: string) => found.has(name);
    flushSync(() => {
      setChecked(true);
      if (fieldsOf(ref.current, isFaulty).some((field) => field.closest('details'))) setMoreOpen(true);
    });
    focusField(ref.current, isFaulty);
  };

  const sending = useAction(async (ready: Draft) => {
    const request = api.createPoll(toRequest(ready, new Date()), { accessToken: accessToken() });
    const poll = await request.catch((error: unknown) => {
      show(serverFaults(asProblem(error).fields, ready));
      throw error;
    });
    rememberOwnPoll(poll);
    keptDraft.remove();
    navigate(`/p/${poll.slug}/share`);
  });
  const { problem, busy, reset } = sending;

  // A draft that is not touched is not worth keeping.
  const initial = useRef(draft);
  useEffect(() => {
    if (draft !== initial.current) keptDraft.set(draft);
  }, [draft]);

  const refused = problem ? serverFaults(problem.fields, draft) : undefined;
  const faults: Faults = refused?.size ? refused : isChecked ? validate(draft, new Date()) : new Map();

  const change: CreateForm['change'] = (action, { focus, said } = {}) => {
    flushSync(() => {
      dispatch(action);
      reset();
      if (said !== undefined) setAnnouncement(said);
      if (action.type === 'restarted') setChecked(false);
    });
    if (focus) focusField(ref.current, (name) => name === focus);
  };

  const submit = async () => {
    if (busy) return;
    const ready = reduce(draft, { type: 'tidied' });
    flushSync(() => dispatch({ type: 'tidied' }));
    const found = validate(ready, new Date());
    if (found.size > 0) show(found);
    else await sending.run(ready);
  };

  return {
    ref,
    draft,
    change,
    fault(field) {
      const found = faults.get(field);
      return found && faultText(t.faults, found);
    },
    announcement,
    isMoreOpen,
    setMoreOpen,
    submit,
    busy,
    problem,
  };
}

/** The fields, from above, whose names are asked for. */
function fieldsOf(form: HTMLFormElement | null, isWanted: (name: string) => boolean): HTMLElement[] {
  const fields = [...(form?.elements ?? [])].filter((element) => element instanceof HTMLElement);
  return fields.filter((field) => isWanted(field.getAttribute('name') ?? ''));
}

/** Puts the focus on the first of them. */
function focusField(form: HTMLFormElement | null, isWanted: (name: string) => boolean): void {
  fieldsOf(form, isWanted)[0]?.focus();
}
