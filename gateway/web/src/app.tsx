import { lazy, type ReactNode, Suspense } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { Card } from './components/card';
import { ErrorBoundary } from './components/error-boundary';
import { Footer } from './components/footer';
import { Header } from './components/header';
import { Loading } from './components/loading';
import { NotFound } from './components/not-found';
import { Page } from './components/page';
import { firstPages } from './first-pages';
import { AccountProvider } from './hooks/use-account';
import { useMessages } from './hooks/use-messages';
import { common } from './messages/common';

const HomePage = firstPages.home.Page;
const VotePage = firstPages.vote.Page;
// Every other comes when it is first visited.
const CreatePage = lazy(() => import('./pages/create/create-page'));
const ResultsPage = lazy(() => import('./pages/results/results-page'));
const SharePage = lazy(() => import('./pages/share/share-page'));
const PresentPage = lazy(() => import('./pages/present/present-page'));
const EmbedPage = lazy(() => import('./pages/embed/embed-page'));
const PollsPage = lazy(() => import('./pages/polls/polls-page'));
const SignInPage = lazy(() => import('./pages/account/sign-in-page'));
const SignUpPage = lazy(() => import('./pages/account/sign-up-page'));
const VerifyPage = lazy(() => import('./pages/account/verify-page'));
const ForgotPasswordPage = lazy(() => import('./pages/account/forgot-password-page'));
const ResetPasswordPage = lazy(() => import('./pages/account/reset-password-page'));
const NotificationsPage = lazy(() => import('./pages/notifications/notifications-page'));

/** The whole app. */
export function App() {
  return (
    <AccountProvider>
      <Switch>
        {/* These two fill their window: a projector's, another page's frame. */}
        <Route path="/p/:poll/present">
          {({ poll }) => (
            <Bare>
              <PresentPage poll={poll} />
            </Bare>
          )}
        </Route>
        <Route path="/embed/:poll">
          {({ poll }) => (
            <Bare>
              <EmbedPage poll={poll} />
            </Bare>
          )}
        </Route>
        <Route>
          <Header />
          <Content>
            <Switch>
              <Route path="/" component={HomePage} />
              <Route path="/new" component={CreatePage} />
              <Route path="/p/:poll">{({ poll }) => <VotePage poll={poll} />}</Route>
              <Route path="/p/:poll/results">{({ poll }) => <ResultsPage poll={poll} />}</Route>
              <Route path="/p/:poll/share">{({ poll }) => <SharePage poll={poll} />}</Route>
              <Route path="/polls" component={PollsPage} />
              <Route path="/sign-in" component={SignInPage} />
              <Route path="/sign-up" component={SignUpPage} />
              <Route path="/verify" component={VerifyPage} />
              <Route path="/forgot-password" component={ForgotPasswordPage} />
              <Route path="/reset-password" component={ResetPasswordPage} />
              <Route path="/notifications" component={NotificationsPage} />
              <Route component={NotFound} />
            </Switch>
          </Content>
          <Footer />
        </Route>
      </Switch>
    </AccountProvider>
  );
}

function Content({ children }: { children: ReactNode }) {
  const [location] = useLocation();
  // A new key for each address: a page that failed does not take the next one along.
  return (
    <ErrorBoundary key={location}>
      <Suspense fallback={<Coming />}>{children}</Suspense>
    </ErrorBoundary>
  );
}

function Bare({ children }: { children: ReactNode }) {
  return (
    <ErrorBoundary>
      <Suspense fallback={null}>{children}</Suspense>
    </ErrorBoundary>
  );
}

function Coming() {
  const t = useMessages(common);
  return (
    <Page title={t.appName}>
      <Card>
        <Loading />
      </Card>
    </Page>
  );
}
