import { useState } from 'react';
import type { Live } from '../../hooks/use-web-socket';
import type { BallotForm } from './use-ballot-form';

/** Looking at the results before voting. */
export interface Peek {
  canPeek: boolean;
  isPeeking: boolean;
  toggle: () => void;
}

/** Lets who may see the results look at them in place of the questions that can be answered. */
export function usePeek({ tally }: Live, { questions, isChanging }: BallotForm): Peek {
  const [wantsPeek, setWantsPeek] = useState(false);
  const canPeek = tally !== undefined && questions.length > 0 && !isChanging;
  return { canPeek, isPeeking: canPeek && wantsPeek, toggle: () => setWantsPeek(!wantsPeek) };
}
