import { NoticeList } from './components/NoticeList.tsx';
import { NoticesProvider } from './hooks/useNotices.tsx';
import { isRoomName } from './lib/roomName.ts';
import { routeOf, usePathname } from './lib/router.ts';
import { HomePage } from './pages/HomePage.tsx';
import { NotFoundPage } from './pages/NotFoundPage.tsx';
import { RoomPage } from './pages/RoomPage.tsx';

export function App() {
  return (
    <NoticesProvider>
      <Page />
      <NoticeList />
    </NoticesProvider>
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
      return <RoomPage key={route.room} roomName={route.room} />;
    case 'unknown':
      return <NotFoundPage />;
  }
}
