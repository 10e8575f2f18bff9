import type { ReactNode } from 'react';

/** A quiet drawing of what each template does. An unknown one gets the frame alone. */
const drawings: Record<string, ReactNode> = {
  'video-prompt': (
    <>
      <rect x="22" y="30" width="76" height="11" rx="2.500" className="fill-ink" />
      <rect x="22" y="46" width="50" height="11" rx="2.500" className="fill-accent" />
      <rect x="22" y="62" width="62" height="11" rx="2.500" className="fill-line-strong" />
      <path
        d="M104 24c18 10 18 46 0 56"
        className="stroke-accent"
        fill="none"
        strokeWidth="2"
        strokeLinecap="round"
      />
      <path
        d="M116 32c12 8 12 32 0 40"
        className="stroke-accent-line"
        fill="none"
        strokeWidth="2"
        strokeLinecap="round"
      />
    </>
  ),
  'video-reels': (
    <>
      <rect x="30" y="24" width="72" height="56" rx="5" className="fill-line" />
      <path
        d="M30 70l22-22 16 14 12-10 22 20v3a5 5 0 0 1-5 5H35a5 5 0 0 1-5-5z"
        className="fill-line-strong"
      />
      <circle cx="84" cy="38" r="6" className="fill-held-fill" />
      <rect
        x="44"
        y="32"
        width="72"
        height="56"
        rx="5"
        fill="none"
        className="stroke-accent"
        strokeWidth="2"
      />
      <rect x="54" y="74" width="38" height="6" rx="3" className="fill-ink" />
    </>
  ),
  'video-neurocard': (
    <>
      <rect
        x="48"
        y="12"
        width="54"
        height="80"
        rx="7"
        className="fill-surface stroke-line-strong"
        strokeWidth="1.500"
      />
      <rect x="54" y="18" width="42" height="34" rx="4" className="fill-line" />
      <path d="M66 46c0-8 3-8 3-13h12c0 5 3 5 3 13z" className="fill-line-strong" />
      <rect x="54" y="58" width="28" height="5" rx="2.500" className="fill-ink" />
      <rect x="54" y="68" width="36" height="3.500" rx="1.700" className="fill-line-strong" />
      <rect x="54" y="75" width="30" height="3.500" rx="1.700" className="fill-line-strong" />
      <rect x="84" y="47" width="26" height="13" rx="6.500" className="fill-accent" />
    </>
  ),
  'image-prompt': (
    <>
      <rect x="40" y="16" width="70" height="72" rx="6" className="fill-line" />
      <circle cx="75" cy="48" r="20" className="fill-accent" />
      <path d="M40 70c20-14 50 10 70-8v20a6 6 0 0 1-6 6H46a6 6 0 0 1-6-6z" className="fill-line-strong" />
      <rect x="50" y="24" width="26" height="5" rx="2.500" className="fill-ink" />
    </>
  ),
  'image-photo': (
    <>
      <rect x="30" y="24" width="56" height="56" rx="5" className="fill-line" />
      <path d="M30 68l18-18 14 12 24-14v27a5 5 0 0 1-5 5H35a5 5 0 0 1-5-5z" className="fill-line-strong" />
      <circle cx="46" cy="38" r="5" className="fill-held-fill" />
      <rect
        x="66"
        y="34"
        width="56"
        height="56"
        rx="5"
        className="fill-surface stroke-accent"
        strokeWidth="2"
      />
      <path d="M67 78l18-18 14 12 22-14v26a5 5 0 0 1-5 5H72a5 5 0 0 1-5-5z" className="fill-accent-line" />
      <circle cx="84" cy="49" r="5" className="fill-accent" />
    </>
  ),
};

export function TemplateArt({ make }: { make: string }) {
  return (
    <svg aria-hidden viewBox="0 0 150 104" className="block w-full border-b border-line bg-stage/70">
      {drawings[make] ?? <rect x="40" y="16" width="70" height="72" rx="6" className="fill-line" />}
    </svg>
  );
}
