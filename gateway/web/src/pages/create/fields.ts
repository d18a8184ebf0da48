/** Fields are named as the server names them in its errors. */
export const questionField = (question: number) => `questions[${question}].text`;
export const optionField = (question: number, option: number) => `questions[${question}].choices[${option}]`;

/** Buttons have names too, so that the focus stays with what they move. */
export type Direction = 'up' | 'down';
export const questionButton = (question: number, direction: Direction) =>
  `questions[${question}].${direction}`;
export const optionButton = (question: number, option: number, direction: Direction) =>
  `${optionField(question, option)}.${direction}`;
