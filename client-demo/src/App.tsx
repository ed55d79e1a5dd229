import { lazy, Suspense } from 'react';
import { ErrorBoundary } from './components/ErrorBoundary.tsx';
import { NoticeList } from './components/NoticeList.tsx';
import { NoticesProvider } from './hooks/useNotices.tsx';
import { isRoomName } from './lib/roomName.ts';
import { routeOf, usePathname } from './lib/router.ts';
import { HomePage } from './pages/HomePage.tsx';
import { NotFoundPage } from './pages/NotFoundPage.tsx';
import { WaitingPage } from './pages/WaitingPage.tsx';

// The SDK is most of the code, and the start page can do without it.
const RoomPage = lazy(async () => ({ default: (await import('./pages/RoomPage.tsx')).RoomPage }));

export function App() {
  return (
    <ErrorBoundary>
      <NoticesProvider>
        <Page />
        <NoticeList />
      </NoticesProvider>
    </ErrorBoundary>
  );
}

function Page() {
  const route = routeOf(usePathname());
  switch (route.page) {
    case 'home':
      return <HomePage problem={undefined} initialName={undefined} />;
    case 'room':
      // A name that no room can have: say what is wrong with it where it can be mended.
      if (!isRoomName(route.room)) return <HomePage key={route.room} initialName={route.room} problem="link" />;
      return (
        <Suspense fallback={<WaitingPage>Opening {route.room}…</WaitingPage>}>
          <RoomPage key={route.room} roomName={route.room} />
        </Suspense>
      );
    case 'unknown':
      return <NotFoundPage />;
  }
}
