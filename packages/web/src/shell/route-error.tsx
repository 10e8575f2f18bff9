import { useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import { ProblemBlock } from '../parts/problem.tsx';

export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <main className="grid min-h-[70dvh] place-items-center">
      <ProblemBlock
        error={error}
        onRetry={() => {
          reset();
          void router.invalidate();
        }}
      />
    </main>
  );
}
