import type { ModelInput } from '@holdfast/client';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Camera, ImagePlus, ImageUp, LoaderCircle } from 'lucide-react';
import { useId, useRef, useState, type DragEvent } from 'react';
import { api } from '../../api/api.ts';
import { problemSentence } from '../../api/problem-sentence.ts';
import { queries } from '../../api/queries.ts';
import { cx } from '../../lib/cx.ts';
import { mediaUrl } from '../../lib/media-url.ts';
import { newIdempotencyKey } from '@holdfast/client';
import { Button } from '../../parts/button.tsx';
import { createWords } from '../../words/create.ts';
import type { Photo } from './form.ts';

const words = createWords.photo;

/** A photo by drop, file picker or camera; checked here for size and type, sent at once, shown as the server re-encoded it. */
export function PhotoInput({
  input,
  photo,
  error,
  onChange,
}: {
  input: Extract<ModelInput, { type: 'image' }>;
  photo: Photo | undefined;
  error: string | null;
  onChange: (photo: Photo | undefined) => void;
}) {
  const errorId = useId();
  const picker = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [refused, setRefused] = useState<string | null>(null);
  const settings = useQuery(queries.settings);
  const maxBytes = settings.data?.max_upload_bytes ?? 26_214_400;
  const megabytes = Math.floor(maxBytes / 1_048_576);
  const send = useMutation({
    mutationFn: (file: File) => api.upload(file, { idempotencyKey: newIdempotencyKey() }),
    onSuccess: (upload) => onChange({ id: upload.id, url: mediaUrl(upload.url) }),
  });

  const take = (file: File | undefined) => {
    if (!file || send.isPending) return;
    send.reset();
    setRefused(null);
    if (file.type !== '' && !file.type.startsWith('image/')) setRefused(words.notImage);
    else if (file.size > maxBytes) setRefused(words.tooLarge(megabytes));
    else send.mutate(file);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };
  const said = refused ?? (send.error ? problemSentence(send.error).detail : error);

  return (
    <div>
      <h2 className="mb-1.5 text-sm font-medium">{input.label}</h2>
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
        className={cx(
          'flex min-h-36 items-center gap-4 rounded-xl border border-dashed p-4 transition-colors duration-100',
          over ? 'border-accent bg-accent-soft' : 'border-line-strong bg-surface',
          said && 'border-bad',
        )}
      >
        <Thumb photo={photo} sending={send.isPending} />
        <div className="min-w-0 flex-1">
          <output className="block text-sm font-medium text-ink">
            {send.isPending && words.sending}
            {!send.isPending && (photo ? (photo.url ? words.ready : words.earlier) : words.drop)}
          </output>
          {!photo && !send.isPending && <p className="text-xs text-ink-3">{words.limits(megabytes)}</p>}
          <div className="mt-2.5 flex flex-wrap gap-2">
            <Button
              size="small"
              disabled={send.isPending}
              aria-invalid={said ? true : undefined}
              aria-describedby={said ? errorId : undefined}
              onClick={() => picker.current?.click()}
            >
              <ImageUp aria-hidden className="size-4" />
              {photo ? words.replace : words.choose}
            </Button>
            <span className="hidden pointer-coarse:inline">
              <Button size="small" disabled={send.isPending} onClick={() => camera.current?.click()}>
                <Camera aria-hidden className="size-4" />
                {words.camera}
              </Button>
            </span>
            {photo && (
              <Button look="quiet" size="small" onClick={() => onChange(undefined)}>
                {words.remove}
              </Button>
            )}
          </div>
        </div>
        <input
          ref={picker}
          type="file"
          accept="image/*"
          hidden
          data-testid={`file-${input.name}`}
          onChange={(event) => {
            take(event.target.files?.[0]);
            event.target.value = '';
          }}
        />
        <input
          ref={camera}
          type="file"
          accept="image/*"
          capture="environment"
          hidden
          onChange={(event) => {
            take(event.target.files?.[0]);
            event.target.value = '';
          }}
        />
      </div>
      {said && (
        <p id={errorId} role="alert" className="mt-1.5 text-sm text-bad">
          {said}
        </p>
      )}
    </div>
  );
}

function Thumb({ photo, sending }: { photo: Photo | undefined; sending: boolean }) {
  if (photo?.url && !sending) {
    return (
      <img src={photo.url} alt={words.alt} className="size-28 shrink-0 rounded-lg bg-sunken object-cover" />
    );
  }
  const Icon = sending ? LoaderCircle : ImagePlus;
  return (
    <span className="grid size-20 shrink-0 place-items-center rounded-lg bg-sunken text-ink-3 sm:size-28">
      <Icon aria-hidden className={cx('size-6', sending && 'animate-spin')} strokeWidth={1.6} />
    </span>
  );
}
