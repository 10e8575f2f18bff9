import type { Model } from '@holdfast/client';
import { Segmented } from '../../parts/segmented.tsx';
import { createWords as words } from '../../words/create.ts';

type Ratio = Model['aspect_ratios'][number];
const frames: Record<Ratio, { width: number; height: number }> = {
  '9:16': { width: 7, height: 12 },
  '1:1': { width: 10, height: 10 },
  '16:9': { width: 14, height: 8 },
};

export function Shape({
  ratios,
  value,
  onChange,
}: {
  ratios: readonly Ratio[];
  value: Ratio;
  onChange: (ratio: Ratio) => void;
}) {
  return (
    <div>
      <h2 className="mb-1.5 text-sm font-medium">{words.shape}</h2>
      <Segmented
        label={words.shape}
        value={value}
        onChange={onChange}
        choices={ratios.map((ratio) => ({
          value: ratio,
          label: words.shapes[ratio],
          icon: <Frame ratio={ratio} />,
        }))}
      />
      <p className="mt-1.5 text-2xs text-ink-3 tabular-nums">{value}</p>
    </div>
  );
}

function Frame({ ratio }: { ratio: Ratio }) {
  const { width, height } = frames[ratio];
  return (
    <svg aria-hidden viewBox="0 0 16 16" className="size-4" fill="none">
      <rect
        x={8 - width / 2}
        y={8 - height / 2}
        width={width}
        height={height}
        rx="1.500"
        stroke="currentColor"
        strokeWidth="1.500"
      />
    </svg>
  );
}
