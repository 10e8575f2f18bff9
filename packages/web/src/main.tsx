import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { isSignedOut } from './api/errors.ts';
import { queryClient } from './api/queries.ts';
import { router } from './router.tsx';
import './styles.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

// A session can end while a page is open: the next answer says so, and the way leads through sign-in back to where one was.
queryClient.getQueryCache().config.onError = (error, query) => {
  if (!isSignedOut(error) || query.queryKey[0] === 'me') return;
  queryClient.removeQueries({ queryKey: ['me'] });
  void router.invalidate();
};

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
