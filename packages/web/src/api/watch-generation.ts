import { generationEventName, type Generation } from '@holdfast/client';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { creditsMoved, queries, queryClient } from './queries.ts';

/** How a running generation is being followed: pushed by the server, asked for again and again, or not at all any more. */
export type Watching = 'pushed' | 'polled' | 'ended';

/**
 * A generation that stays current: server-sent events while they flow, asking every 2.5 seconds where they don't (a proxy that
 * buffers, a server that restarts), nothing once it is final.
 */
export function useLiveGeneration(id: string) {
  const [pushed, setPushed] = useState(false);
  const query = useQuery({
    ...queries.generation(id),
    refetchInterval: (state) => (state.state.data?.final || pushed ? false : 2_500),
  });
  const final = query.data?.final;
  const known = final !== undefined;

  useEffect(() => {
    if (!known || final) return;
    const source = new EventSource(`/api/generations/${encodeURIComponent(id)}/events`);
    source.addEventListener('open', () => setPushed(true));
    source.addEventListener('error', () => setPushed(false));
    source.addEventListener(generationEventName, (event) => {
      const generation = JSON.parse((event as MessageEvent<string>).data) as Generation;
      setPushed(true);
      queryClient.setQueryData(queries.generation(id).queryKey, generation);
      if (generation.final) source.close();
    });
    return () => {
      source.close();
      setPushed(false);
    };
  }, [id, known, final]);

  useEffect(() => {
    if (!final) return;
    void creditsMoved();
    void queryClient.invalidateQueries({ queryKey: ['generations', 'list'] });
  }, [final]);

  const watching: Watching = final ? 'ended' : pushed ? 'pushed' : 'polled';
  return { query, watching };
}
