import type { Generation, Output } from '@holdfast/client';
import { useMutation } from '@tanstack/react-query';
import { Lock } from 'lucide-react';
import { api } from '../../api/api.ts';
import { creditsMoved, queries, queryClient } from '../../api/queries.ts';
import { mediaUrl } from '../../lib/media-url.ts';
import { useAttemptKey } from '../../lib/use-attempt-key.ts';
import { Button } from '../../parts/button.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { generationWords as words } from '../../words/generation.ts';

/** A file whose credits went back: its poster behind a lock, and the way to open it. */
export function Locked({ generation, output }: { generation: Generation; output: Output }) {
  const attempt = useAttemptKey();
  const unlock = useMutation({
    mutationFn: () => api.unlockGeneration(generation.id, { idempotencyKey: attempt.key() }),
    onSuccess: (fresh) => {
      attempt.settled();
      queryClient.setQueryData(queries.generation(fresh.id).queryKey, fresh);
      void creditsMoved();
      void queryClient.invalidateQueries({ queryKey: ['generations', 'list'] });
    },
    onError: attempt.failed,
  });
  const credits = generation.locked?.credits ?? 0;
  return (
    <div className="relative grid min-h-80 place-items-center overflow-hidden rounded-2xl border border-line bg-stage p-6">
      {output.poster_url && (
        <img
          src={mediaUrl(output.poster_url)}
          alt=""
          className="absolute inset-0 size-full scale-110 object-cover opacity-40 blur-xl"
        />
      )}
      <div className="relative grid max-w-sm justify-items-center gap-4 rounded-xl bg-surface/90 p-6 text-center">
        <Lock aria-hidden className="size-7 text-ink-3" strokeWidth={1.5} />
        <p className="text-sm text-balance">{words.locked(credits)}</p>
        <ProblemNotice error={unlock.error} />
        <Button look="primary" busy={unlock.isPending} onClick={() => unlock.mutate()}>
          {words.unlock(credits)}
        </Button>
      </div>
    </div>
  );
}
