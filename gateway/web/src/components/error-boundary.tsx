import { Component, type ReactNode } from 'react';
import { useMessages } from '../hooks/use-messages';
import { common } from '../messages/common';
import { Button } from './button';
import { Card } from './card';
import { Page } from './page';

interface State {
  error?: Error;
}

/** Shows a page that helps where another one fails. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = {};

  static getDerivedStateFromError(error: Error): State {
    return { error };
  }

  override render() {
    return this.state.error ? <Crash error={this.state.error} /> : this.props.children;
  }
}

/** A part of an older release is gone once the gateway serves a newer one. */
const isOutdated = (error: Error) =>
  /dynamically imported module|module script|preload CSS/i.test(error.message);

function Crash({ error }: { error: Error }) {
  const { crash } = useMessages(common);
  return (
    <Page title={crash.title}>
      <Card role="alert">
        <h1>{crash.title}</h1>
        <p>{isOutdated(error) ? crash.outdated : crash.text}</p>
        <Button variant="primary" onClick={() => location.reload()}>
          {crash.reload}
        </Button>
      </Card>
    </Page>
  );
}
