import type { HTMLAttributes } from 'react';
import styles from './card.module.css';

/** A glass surface. */
export function Card({ className, ...rest }: HTMLAttributes<HTMLDivElement>) {
  return <div className={[styles.card, className].filter(Boolean).join(' ')} {...rest} />;
}
