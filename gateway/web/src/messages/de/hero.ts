import type { Translation } from '../catalog';
import type en from '../en/hero';

const de: Translation<typeof en> = {
  title: 'Fragen Sie alle.',
  titleAccent: 'Sehen Sie es live.',
  lead: 'Pollster macht aus Ihrer Frage eine Umfrage und zeigt jede Stimme in dem Moment, in dem sie abgegeben wird.',
};
export default de;
