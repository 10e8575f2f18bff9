import type { Generation } from '@holdfast/client';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Download, PencilLine, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../api/api.ts';
import { creditsMoved, queries, queryClient } from '../../api/queries.ts';
import { mediaUrl } from '../../lib/media-url.ts';
import { useAttemptKey } from '../../lib/use-attempt-key.ts';
import { Button } from '../../parts/button.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { generationWords as words } from '../../words/generation.ts';
import { CancelDialog } from './cancel-dialog.tsx';

/** What can be done with it now. */
export function Actions({ generation }: { generation: Generation }) {
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const attempt = useAttemptKey();
  const again = useMutation({
    mutationFn: () => api.generateAgain(generation.id, { idempotencyKey: attempt.key() }),
    onSuccess: async (fresh) => {
      attempt.settled();
      queryClient.setQueryData(queries.generation(fresh.id).queryKey, fresh);
      void creditsMoved();
      await navigate({ to: '/generations/$id', params: { id: fresh.id } });
    },
    onError: attempt.failed,
  });
  const outputs = generation.locked ? [] : generation.outputs;
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap gap-2">
        {outputs.map((output, index) => (
          <Button key={output.id} asChild look={index === 0 ? 'primary' : 'plain'}>
            <a href={mediaUrl(output.download_url)} download>
              <Download aria-hidden className="size-4" />
              {outputs.length > 1 ? words.downloadOne(index + 1) : words.download}
            </a>
          </Button>
        ))}
        {generation.final && (
          <>
            <Button
              busy={again.isPending}
              onClick={() => again.mutate()}
              title={words.againHint(generation.receipt.quoted)}
            >
              {!again.isPending && <RotateCcw aria-hidden className="size-4" />}
              {words.again}
            </Button>
            <Button asChild>
              <Link to="/create" search={{ from: generation.id }}>
                <PencilLine aria-hidden className="size-4" />
                {generation.status === 'succeeded' ? words.editOk : words.edit}
              </Link>
            </Button>
          </>
        )}
        {generation.can_cancel && (
          <Button look="danger" onClick={() => setAsking(true)}>
            {words.cancel}
          </Button>
        )}
      </div>
      {generation.final && (
        <p className="text-xs text-ink-3">
          {words.again}: {words.againHint(generation.receipt.quoted).toLowerCase()}
        </p>
      )}
      <ProblemNotice error={again.error} />
      <CancelDialog generation={generation} open={asking} onClose={() => setAsking(false)} />
    </div>
  );
}
