import { ButtonLink, IconButton } from '../../components/button';
import { useMessages } from '../../hooks/use-messages';
import { results } from '../../messages/results';
import styles from './controls.module.css';
import { useFullScreen } from './use-full-screen';

interface Position {
  index: number;
  count: number;
  /** Turns to a question so many further on. */
  turn: (by: number) => void;
}

interface ControlsProps {
  /** Where there are several questions. */
  position: Position | undefined;
  isJoinShown: boolean;
  onJoin: () => void;
  areResultsShown: boolean;
  onResults: () => void;
  /** Where leaving leads to. */
  href: string;
}

/** What who presents can do. */
export function Controls(props: ControlsProps) {
  const { position, isJoinShown, onJoin, areResultsShown, onResults, href } = props;
  const t = useMessages(results).present;
  const screen = useFullScreen();
  return (
    <div className={styles.controls} role="toolbar" aria-label={t.controls}>
      {position && <Turning {...position} />}
      <IconButton
        icon={areResultsShown ? 'eye' : 'chart'}
        label={areResultsShown ? t.hideResults : t.showResults}
        onClick={onResults}
      />
      <IconButton icon="qr" label={isJoinShown ? t.hideJoin : t.showJoin} onClick={onJoin} />
      {screen.isAvailable && (
        <IconButton
          icon="expand"
          label={screen.isOn ? t.leaveFullScreen : t.fullScreen}
          onClick={screen.toggle}
        />
      )}
      <ButtonLink href={href} variant="ghost" icon="exit">
        {t.leave}
      </ButtonLink>
    </div>
  );
}

function Turning({ index, count, turn }: Position) {
  const t = useMessages(results).present;
  return (
    <>
      <IconButton icon="left" label={t.previous} aria-disabled={index === 0} onClick={() => turn(-1)} />
      <span role="status" className={styles.position}>
        {t.position(index + 1, count)}
      </span>
      <IconButton icon="right" label={t.next} aria-disabled={index === count - 1} onClick={() => turn(1)} />
    </>
  );
}
