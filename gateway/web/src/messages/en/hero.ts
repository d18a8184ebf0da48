/** The words of the first page that are there before the app: plain text, in no need of formats. */
export default {
  title: 'Ask everyone.',
  titleAccent: 'See it live.',
  lead: 'Pollster makes a poll of your question, and shows every vote the moment it is cast.',
};
