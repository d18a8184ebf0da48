import type { create } from '../../messages/create';
import type { Fault } from './validate';

type Texts = (typeof create)['en']['faults'];

/** What to do about a fault. */
export function faultText(t: Texts, fault: Fault): string {
  switch (fault.code) {
    case 'title-empty':
      return t.titleEmpty;
    case 'question-empty':
      return t.questionEmpty;
    case 'option-empty':
      return t.optionEmpty;
    case 'too-long':
      return t.tooLong(fault.limit);
    case 'question-is-title':
      return t.questionIsTitle(fault.limit);
    case 'time-missing':
      return t.timeMissing;
    case 'time-past':
      return t.timePast;
    case 'ends-before-start':
      return t.endsBeforeStart;
    case 'server':
      return t.server(fault.detail);
  }
}
